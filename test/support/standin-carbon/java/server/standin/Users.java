package standin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Base64;
import java.util.List;
import org.w3c.dom.Element;

/** conf/user-mgt.xml: the database of users, the administrator in it, and a directory where the user store is one. */
final class Users {
  static final String PROBE = "SELECT 1 FROM UM_TENANT";
  private static final int SUPER_TENANT = -1234;
  private static final List<String> TABLES = List.of("UM_TENANT", "UM_DOMAIN", "UM_USER", "UM_ROLE", "UM_PERMISSION", "UM_USER_ROLE", "UM_CLAIM", "UM_HYBRID_ROLE", "UM_SYSTEM_ROLE");

  private final Databases databases;
  private final Element realm;
  private final Element store;

  Users(Home home, Databases databases) throws StartupError {
    this.databases = databases;
    this.realm = Xml.at(Xml.read(home.conf().resolve("user-mgt.xml")), "Realm");
    this.store = Xml.at(realm, "UserStoreManager");
  }

  String datasource() {
    Element property = Xml.named(Xml.at(realm, "Configuration"), "Property", "dataSource");
    return property == null ? "" : property.getTextContent().trim();
  }

  private String password() { return Xml.text(realm, "Configuration/AdminUser/Password", "admin"); }

  private String admin() { return Xml.text(realm, "Configuration/AdminUser/UserName", "admin"); }

  void open() throws StartupError {
    databases.demand(datasource(), TABLES);
    if (Directory.is(store)) new Directory(store).open(admin(), password(), Xml.flag(realm, "Configuration/AddAdmin"));
    else if (Xml.flag(realm, "Configuration/AddAdmin")) addAdmin();
  }

  /** Made once: a password changed in the file later changes nothing (wso2.md b.5, 8). */
  private void addAdmin() throws StartupError {
    String password = password();
    databases.use(datasource(), connection -> {
      if (stored(connection, admin()) != null) return null;
      byte[] salt = new byte[12];
      new SecureRandom().nextBytes(salt);
      String text = Base64.getEncoder().encodeToString(salt);
      try (PreparedStatement add = connection.prepareStatement(
          "INSERT INTO UM_USER (UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_CHANGED_TIME, UM_TENANT_ID) VALUES (?, ?, ?, ?, ?)")) {
        add.setString(1, admin());
        add.setString(2, hash(password, text));
        add.setString(3, text);
        add.setTimestamp(4, new Timestamp(System.currentTimeMillis()));
        add.setInt(5, SUPER_TENANT);
        add.executeUpdate();
      } catch (SQLException another) {
        // Two nodes that start at once: the other one was first.
        if (stored(connection, admin()) == null) throw another;
      }
      return null;
    });
  }

  private static String[] stored(Connection connection, String user) throws SQLException {
    try (PreparedStatement find = connection.prepareStatement("SELECT UM_USER_PASSWORD, UM_SALT_VALUE FROM UM_USER WHERE UM_USER_NAME = ? AND UM_TENANT_ID = ?")) {
      find.setString(1, user);
      find.setInt(2, SUPER_TENANT);
      try (ResultSet found = find.executeQuery()) {
        return found.next() ? new String[] { found.getString(1), found.getString(2) } : null;
      }
    }
  }

  /** Whether somebody may log in at the console. */
  boolean accepts(String user, String password) throws StartupError {
    if (Directory.is(store)) return new Directory(store).accepts(user, password);
    Boolean known = databases.use(datasource(), connection -> {
      String[] found = stored(connection, user);
      return found != null && hash(password, found[1]).equals(found[0]);
    });
    // The embedded H2 that is taken as it is holds what the file says.
    return known != null ? known : user.equals(admin()) && password.equals(password());
  }

  private static String hash(String password, String salt) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest((password + salt).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
