package standin;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/**
 * Log lines in a product's two forms, as patterns of log4j: the console names the simple class, `%c{1}`, wso2carbon.log the full one, `%c`.
 * Files are appended to over restarts.
 */
final class Log {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS");
  private static Path directory;
  private static String consolePattern = "[%d] %5p - %c{1} %m%n";
  private static String filePattern = consolePattern;
  private static String errorFile;
  private final String name;

  private Log(String name) { this.name = name; }

  /** Errors go into a file of their own as well, where the product has one. */
  static void openIn(Path logs, String console, String file, String errors) throws IOException {
    Files.createDirectories(logs);
    directory = logs;
    consolePattern = console;
    filePattern = file;
    errorFile = errors;
  }

  static Log of(String fullClassName) { return new Log(fullClassName); }

  void info(String message) { write(" INFO", message, null); }
  void warn(String message) { write(" WARN", message, null); }
  void error(String message) { write("ERROR", message, null); }
  void error(String message, Throwable cause) { write("ERROR", message, cause); }
  void fatal(String message, Throwable cause) { write("FATAL", message, cause); }

  private void write(String level, String message, Throwable cause) {
    String stamp = LocalDateTime.now().format(STAMP);
    String trace = trace(cause);
    synchronized (Log.class) {
      System.out.print(line(consolePattern, stamp, level, message) + trace);
      System.out.flush();
      String line = line(filePattern, stamp, level, message) + trace;
      append("wso2carbon.log", line);
      if (errorFile != null && (level.equals("ERROR") || level.equals("FATAL"))) append(errorFile, line);
    }
  }

  /** The message goes in last: what it says is no pattern. */
  private String line(String pattern, String stamp, String level, String message) {
    String simple = name.substring(name.lastIndexOf('.') + 1);
    String[] parts = pattern.replace("%d", stamp).replace("%5p", level).replace("%c{1}", simple).replace("%c", name).replace("%n", "\n").split("%m", 2);
    return parts[0] + message + parts[1];
  }

  private static String trace(Throwable cause) {
    if (cause == null) return "";
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private static void append(String file, String text) {
    if (directory == null) return;
    try {
      Files.writeString(directory.resolve(file), text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException failure) {
      System.err.println("cannot write " + file + ": " + failure);
    }
  }
}
