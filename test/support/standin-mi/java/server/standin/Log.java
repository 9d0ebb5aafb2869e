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
 * Log lines in the product's two forms: the console names the simple class, wso2carbon.log the full one
 * (wso2/micro-integrator v1.2.0: distribution/src/conf/log4j2.properties). Files are appended to over restarts.
 */
final class Log {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS");
  private static Path directory;
  private final String name;

  private Log(String name) { this.name = name; }

  static void openIn(Path logs) throws IOException {
    Files.createDirectories(logs);
    directory = logs;
  }

  static Log of(String fullClassName) { return new Log(fullClassName); }

  void info(String message) { write(" INFO", message, null); }
  void warn(String message) { write(" WARN", message, null); }
  void error(String message) { write("ERROR", message, null); }
  void error(String message, Throwable cause) { write("ERROR", message, cause); }
  void fatal(String message, Throwable cause) { write("FATAL", message, cause); }

  private void write(String level, String message, Throwable cause) {
    String stamp = "[" + LocalDateTime.now().format(STAMP) + "] ";
    String tail = " - " + message + "\n" + trace(cause);
    String simple = name.substring(name.lastIndexOf('.') + 1);
    synchronized (Log.class) {
      System.out.print(stamp + level + " {" + simple + "}" + tail);
      System.out.flush();
      append("wso2carbon.log", stamp + level + " {" + name + "}" + tail);
      if (level.equals("ERROR") || level.equals("FATAL")) append("wso2error.log", stamp + level + " {" + name + "}" + tail);
    }
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
