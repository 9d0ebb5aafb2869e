package standin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Faults asked for by a test, from HOME/.standin/faults and the environment variable STANDIN_FAULT: `name` or `name=value`. */
final class Faults {
  private final Map<String, String> faults = new LinkedHashMap<>();
  private final Path directory;

  private Faults(Path directory) { this.directory = directory; }

  static Faults of(Path home) throws IOException {
    Faults found = new Faults(home.resolve(".standin"));
    Path file = found.directory.resolve("faults");
    if (Files.exists(file)) found.add(Files.readString(file));
    String environment = System.getenv("STANDIN_FAULT");
    if (environment != null) found.add(environment);
    return found;
  }

  private void add(String text) {
    for (String word : text.split("[\\s,]+")) {
      if (word.isEmpty()) continue;
      int equals = word.indexOf('=');
      faults.put(equals < 0 ? word : word.substring(0, equals), equals < 0 ? "" : word.substring(equals + 1));
    }
  }

  boolean has(String name) { return faults.containsKey(name); }

  long number(String name) { return has(name) ? Long.parseLong(faults.get(name)) : 0; }

  /** True the first time only, over all starts from this home. */
  boolean once(String name) throws IOException {
    if (!has(name) || Files.exists(directory.resolve(name))) return false;
    Files.createDirectories(directory);
    Files.createFile(directory.resolve(name));
    return true;
  }

  /** The file that asks for a restart; taken away when seen. */
  boolean restartAsked() throws IOException { return Files.deleteIfExists(directory.resolve("restart")); }
}
