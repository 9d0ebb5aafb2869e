package standin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** conf/deployment.toml with the product's defaults, and what system properties and the environment put above it. */
final class Settings {
  /** A configuration that the product refuses before anything is started. */
  static final class ConfigurationError extends Exception {
    ConfigurationError(String message, Throwable cause) { super(message, cause); }
  }

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$(env|sys|ref)\\{([^}]*)}");
  /** An alias of [secrets]; the files that are rendered keep it, and its clear text is never written. */
  private static final Pattern SECRET = Pattern.compile("\\$secret\\{\\s*([^}\\s]*)\\s*}");
  final Path home;
  /** Of the distribution, as in its name. */
  final String version;
  private final Map<String, Object> values;
  private final Map<String, String> secrets = new HashMap<>();
  private final String nodeId;

  private Settings(Path home, String version, Map<String, Object> values) throws ConfigurationError {
    this.home = home;
    this.version = version;
    this.values = values;
    openSecrets();
    this.nodeId = chooseNodeId();
  }

  private void openSecrets() throws ConfigurationError {
    try {
      SecureVault vault = SecureVault.open(home, home.resolve("conf/security/secret-conf.properties"));
      if (vault == null) return;
      if (values.get("secrets") instanceof Map) {
        for (Map.Entry<String, Object> secret : Toml.mapOf(values.get("secrets")).entrySet()) secrets.put(secret.getKey(), vault.decrypt(secret.getKey(), secret.getValue().toString()));
      }
    } catch (SecureVault.VaultError error) {
      throw new ConfigurationError(error.getMessage(), error);
    }
  }

  /** A text with the secrets that it names in the clear; throws IllegalArgumentException where one is not known. */
  String clear(String text) {
    if (text == null) return null;
    Matcher matcher = SECRET.matcher(text);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      String found = secrets.get(matcher.group(1));
      if (found == null) throw new IllegalArgumentException("the secret '" + matcher.group(1) + "' is not known: it is not among [secrets], or the secure vault is off");
      matcher.appendReplacement(out, Matcher.quoteReplacement(found));
    }
    return matcher.appendTail(out).toString();
  }

  static Settings read(Path home) throws ConfigurationError {
    Path file = home.resolve("conf/deployment.toml");
    try {
      return new Settings(home, Files.readString(home.resolve("wso2/version")).trim(), Toml.mapOf(substituted(Toml.parse(Files.readString(file, StandardCharsets.UTF_8)))));
    } catch (Toml.SyntaxError error) {
      throw new ConfigurationError("Error while parsing " + file + ": line " + error.line + ": " + error.getMessage(), error);
    } catch (IOException error) {
      throw new ConfigurationError("Error while reading " + file + ": " + error, error);
    } catch (IllegalArgumentException error) {
      throw new ConfigurationError("Error in " + file + ": " + error.getMessage(), error);
    }
  }

  private static Object substituted(Object value) {
    if (value instanceof Map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      Toml.mapOf(value).forEach((key, inner) -> copy.put(key, substituted(inner)));
      return copy;
    }
    if (value instanceof List) {
      List<Object> copy = new ArrayList<>();
      for (Object inner : Toml.listOf(value)) copy.add(substituted(inner));
      return copy;
    }
    return value instanceof String ? placeholders((String) value) : value;
  }

  private static String placeholders(String text) {
    Matcher matcher = PLACEHOLDER.matcher(text);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      String kind = matcher.group(1);
      String name = matcher.group(2);
      if (kind.equals("ref")) throw new IllegalArgumentException("$" + kind + "{" + name + "} is not imitated by the stand-in");
      String replacement = kind.equals("env") ? System.getenv(name) : System.getProperty(name);
      if (replacement == null) throw new IllegalArgumentException("$" + kind + "{" + name + "} is not defined");
      matcher.appendReplacement(out, Matcher.quoteReplacement(replacement));
    }
    return matcher.appendTail(out).toString();
  }

  /** The value at a dotted path, or null. */
  Object get(String path) {
    Object value = values;
    for (String name : path.split("\\.")) {
      if (!(value instanceof Map)) return null;
      value = Toml.mapOf(value).get(name);
    }
    return value;
  }

  String text(String path, String otherwise) {
    Object value = get(path);
    return value == null ? otherwise : clear(value.toString());
  }

  List<Map<String, Object>> tables(String path) {
    List<Map<String, Object>> tables = new ArrayList<>();
    if (get(path) instanceof List) for (Object table : Toml.listOf(get(path))) if (table instanceof Map) tables.add(Toml.mapOf(table));
    return tables;
  }

  /** A path of the configuration, relative to the home unless absolute. */
  Path path(String value) { return home.resolve(value.replace("${carbon.home}", home.toString())); }

  /**
   * Ten is the product's own offset; one written by the user takes its place and is not added to it
   * (wso2/docs-ei#2118; wso2/micro-integrator v1.2.0: distribution/src/conf/synapse.properties).
   */
  int offset() {
    String property = System.getProperty("portOffset");
    return Integer.parseInt(property == null ? text("server.offset", "10").trim() : property);
  }

  /** System property, environment, TOML, random: in that order (wso2/micro-integrator v1.2.0: RDBMSCoordinationStrategy). */
  String nodeId() { return nodeId; }

  private String chooseNodeId() {
    String property = System.getProperty("nodeId");
    if (property != null && !property.isEmpty()) return property;
    String environment = System.getenv("nodeId");
    if (environment != null && !environment.isEmpty()) return environment;
    return text("cluster_config.node_id", UUID.randomUUID().toString());
  }

  /** heartBeatInterval, heartbeatMaxRetry, localGroupId: a system property or an environment variable, else the product's default. */
  static String coordination(String name, String otherwise) {
    String value = System.getProperty(name);
    if (value == null || value.isEmpty()) value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }
}
