package standin;

import java.nio.file.Path;

/** Where the parts of one profile lie: the start scripts say it in system properties, and what they leave out lies as in ESB 4.9. */
record Home(Path path, Path conf, Path components, Path dropins) {
  static Home ofProperties() {
    Path home = Path.of(System.getProperty("carbon.home")).toAbsolutePath().normalize();
    Path components = directory("carbon.components.dir.path", home.resolve("repository/components"));
    return new Home(home, directory("carbon.config.dir.path", home.resolve("repository/conf")), components,
        directory("carbon.dropins.dir.path", components.resolve("dropins")));
  }

  private static Path directory(String property, Path otherwise) {
    String value = System.getProperty(property);
    return value == null ? otherwise : Path.of(value).toAbsolutePath().normalize();
  }

  /** A path of a configuration file: relative to the home unless absolute. */
  Path resolve(String text) { return path.resolve(text.replace("${carbon.home}", path.toString())); }

  Path deployment() { return path.resolve("repository/deployment/server"); }
}
