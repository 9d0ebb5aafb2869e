package standin;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.w3c.dom.Element;

/** conf/registry.xml: the local registry, remote instances, and what is mounted of them. */
final class Registry {
  private static final Log LOG = Log.of("org.wso2.carbon.registry.core.jdbc.EmbeddedRegistryService");
  static final String PROBE = "SELECT 1 FROM REG_LOG";
  private static final List<String> TABLES = List.of("REG_LOG", "REG_PATH", "REG_CONTENT", "REG_RESOURCE", "REG_PROPERTY", "REG_ASSOCIATION", "REG_SNAPSHOT");

  private final Databases databases;
  private final Map<String, String> datasources = new HashMap<>();
  private final Element document;
  private final Path file;

  Registry(Home home, Databases databases) throws StartupError {
    this.databases = databases;
    this.file = home.conf().resolve("registry.xml");
    this.document = Xml.read(file);
    for (Element config : Xml.children(document, "dbConfig")) datasources.put(config.getAttribute("name"), Xml.text(config, "dataSource", ""));
  }

  private String datasource(String config) throws StartupError {
    String found = datasources.get(config);
    if (found == null) throw new StartupError("Error in " + file + ": there is no dbConfig named '" + config + "'");
    return found;
  }

  /** The registry that `-Dsetup` fills: the local one, never a mounted one (K4416: EmbeddedRegistryService). */
  String primary() throws StartupError { return datasource(Xml.text(document, "currentDBConfig", "wso2registry")); }

  void open() throws StartupError {
    databases.demand(primary(), TABLES);
    Map<String, Element> instances = new HashMap<>();
    for (Element instance : Xml.children(document, "remoteInstance")) instances.put(Xml.text(instance, "id", ""), instance);
    for (Element mount : Xml.children(document, "mount")) {
      String id = Xml.text(mount, "instanceId", "");
      Element instance = instances.get(id);
      if (instance == null) throw new StartupError("Error in " + file + ": mount " + mount.getAttribute("path") + " names the instance '" + id + "', which is not defined");
      mount(mount, instance);
    }
  }

  private void mount(Element mount, Element instance) throws StartupError {
    String jndi = datasource(Xml.text(instance, "dbConfig", ""));
    databases.demand(jndi, TABLES);
    boolean readOnly = Xml.flag(instance, "readOnly");
    String target = Xml.text(mount, "targetPath", "");
    if (!readOnly) databases.use(jndi, connection -> {
      collect(connection, target);
      return null;
    });
    Coordinates coordinates = databases.named(jndi);
    String cacheId = Xml.text(instance, "cacheId", "");
    LOG.info("Mounted " + target + " of " + jndi + " at " + mount.getAttribute("path") + (readOnly ? ", read-only" : "") + ", cache id " + cacheId);
    String own = coordinates.username() + "@" + coordinates.url();
    if (!cacheId.equals(own)) LOG.warn("The cache id of " + mount.getAttribute("path") + " is '" + cacheId + "', its data source is '" + own + "'");
  }

  /** The collection that the first node that may write makes. */
  private static void collect(java.sql.Connection connection, String path) throws SQLException {
    try (PreparedStatement find = connection.prepareStatement("SELECT REG_PATH_ID FROM REG_PATH WHERE REG_PATH_VALUE = ?")) {
      find.setString(1, path);
      try (ResultSet found = find.executeQuery()) {
        if (found.next()) return;
      }
    }
    try (PreparedStatement add = connection.prepareStatement("INSERT INTO REG_PATH (REG_PATH_VALUE, REG_PATH_PARENT_ID, REG_TENANT_ID) VALUES (?, 0, -1234)")) {
      add.setString(1, path);
      add.executeUpdate();
    }
  }
}
