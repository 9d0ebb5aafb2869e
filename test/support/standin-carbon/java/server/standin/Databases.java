package standin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.w3c.dom.Element;

/** The datasources of conf/datasources by JNDI name, opened through the dropped driver, and the tables in them. */
final class Databases {
  private static final Log LOG = Log.of("org.wso2.carbon.ndatasource.core.DataSourceManager");
  private static final Log CREATOR = Log.of("org.wso2.carbon.utils.dbcreator.DatabaseCreator");
  /** In this order, of the product name that the driver tells (K4416: DatabaseCreator): MariaDB under its own name is none of them. */
  private static final List<String> TYPES = List.of("hsql", "derby", "mysql", "oracle", "microsoft", "h2", "db2", "postgresql", "openedge", "informix");
  private static final List<String> SLASH = List.of("oracle", "db2", "openedge");

  private final Home home;
  private final Map<String, Coordinates> datasources = new LinkedHashMap<>();

  Databases(Home home) { this.home = home; }

  void read(String file) throws StartupError {
    for (Element datasource : Xml.children(Xml.at(Xml.read(home.conf().resolve("datasources").resolve(file)), "datasources"), "datasource")) {
      Element configuration = Xml.at(datasource, "definition/configuration");
      datasources.put(Xml.text(datasource, "jndiConfig/name", Xml.text(datasource, "name", "")), new Coordinates(Xml.text(configuration, "url", ""),
          Xml.text(configuration, "username", null), Xml.text(configuration, "password", null), Xml.text(configuration, "driverClassName", "")));
    }
  }

  /** Every datasource is opened at the start, used or not. */
  void openAll() throws StartupError {
    for (Map.Entry<String, Coordinates> each : datasources.entrySet()) use(each.getKey(), connection -> null);
  }

  Coordinates named(String jndi) throws StartupError {
    Coordinates found = datasources.get(jndi);
    if (found == null) throw new StartupError("Error in looking up data source: Name [" + jndi + "] is not bound in this Context");
    return found;
  }

  interface Work<T> { T with(Connection connection) throws SQLException, IOException; }

  /** null for the embedded H2 that the product brings with its tables: the stand-in has none and takes it as it is. */
  <T> T use(String jndi, Work<T> work) throws StartupError {
    Coordinates coordinates = named(jndi);
    if (coordinates.url().startsWith("jdbc:h2:") && !present("org.h2.Driver")) return null;
    try (Connection connection = new Connections(coordinates).open()) {
      connection.setAutoCommit(true);
      return work.with(connection);
    } catch (SQLException | IOException error) {
      throw new StartupError("Error while using data source " + jndi + " (" + coordinates.url() + "): " + error.getMessage(), error);
    }
  }

  private static boolean present(String driver) {
    try {
      Class.forName(driver, false, Thread.currentThread().getContextClassLoader());
      return true;
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }

  /** `-Dsetup`: only if the probe fails, and always from dbscripts/TYPE.sql of this home, never from another (K4416: DatabaseCreator). */
  void setUp(String jndi, String probe) throws StartupError {
    use(jndi, connection -> {
      if (answers(connection, probe)) {
        CREATOR.info("Database already exists. Not creating a new database.");
        return null;
      }
      String type = type(connection);
      run(connection, home.path().resolve("dbscripts/" + type + ".sql"), SLASH.contains(type) ? "/" : ";");
      return null;
    });
  }

  static String type(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    for (String type : TYPES) if (product.toLowerCase(Locale.ROOT).contains(type)) return type.equals("microsoft") ? "mssql" : type;
    throw new SQLException("Unsupported database: " + product + ". Database will not be created automatically by the Carbon Server.");
  }

  static void run(Connection connection, Path script, String delimiter) throws SQLException, IOException {
    StringBuilder sql = new StringBuilder();
    for (String line : Files.readAllLines(script, StandardCharsets.UTF_8)) {
      String trimmed = line.trim();
      if (trimmed.startsWith("--")) continue;
      boolean end = delimiter.equals("/") ? trimmed.equals("/") : trimmed.endsWith(delimiter);
      sql.append(end ? trimmed.substring(0, trimmed.length() - 1) : line).append('\n');
      if (!end) continue;
      try (Statement statement = connection.createStatement()) {
        if (!sql.toString().isBlank()) statement.execute(sql.toString());
      } catch (SQLException error) {
        throw new SQLException("Failed to execute " + script + ": " + error.getMessage(), error);
      }
      sql.setLength(0);
    }
  }

  static boolean answers(Connection connection, String query) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(query);
      return true;
    } catch (SQLException error) {
      return false;
    }
  }

  /** The first of these tables that is not there stops the start with what the server says about it. */
  void demand(String jndi, List<String> tables) throws StartupError {
    use(jndi, connection -> {
      for (String table : tables) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("SELECT 1 FROM " + table + " WHERE 1 = 0");
        }
      }
      return null;
    });
    LOG.info("Data source " + jndi + " is ready");
  }
}
