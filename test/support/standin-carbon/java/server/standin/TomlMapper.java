package standin;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * conf/esb.toml rendered to XML at every start, over what lies in the templates (keys of wso2/carbon-kernel 4.6.x: config-mapper). What was
 * written into the XML by hand is lost. Clustering is on only where `clustering.membership_scheme` is (axis2.xml.j2), and nothing is said
 * when it is not; tables that no template knows are passed over in silence.
 */
final class TomlMapper {
  private static final Log LOG = Log.of("org.wso2.config.mapper.ConfigParser");
  private static final String SECURITY = "${carbon.home}/repository/resources/security/";
  private static final Map<String, String> STORES = Map.of(
      "database", "org.wso2.carbon.user.core.jdbc.JDBCUserStoreManager",
      "read_only_ldap", "org.wso2.carbon.user.core.ldap.ReadOnlyLDAPUserStoreManager",
      "read_write_ldap", "org.wso2.carbon.user.core.ldap.ReadWriteLDAPUserStoreManager",
      "active_directory", "org.wso2.carbon.user.core.ldap.ActiveDirectoryUserStoreManager");
  /** Those of a type of database; Derby and Informix have none and need `driver`. */
  private static final Map<String, String> DRIVERS = Map.of("h2", "org.h2.Driver", "mysql", "com.mysql.jdbc.Driver", "mariadb", "org.mariadb.jdbc.Driver", "oracle", "oracle.jdbc.OracleDriver",
      "mssql", "com.microsoft.sqlserver.jdbc.SQLServerDriver", "db2", "com.ibm.db2.jcc.DB2Driver", "postgre", "org.postgresql.Driver");

  /** Keys of `user_store` that become properties; all others are passed over, and what has none goes into `user_store.properties` by its own name (wso2/carbon-kernel: key-mappings.json). */
  private static final Set<String> KEYS = Set.of("connection_url", "connection_name", "connection_password", "anonymous_bind", "user_search_base", "user_name_attribute", "user_name_search_filter",
      "user_name_list_filter", "display_name_attribute", "read_groups", "group_search_base", "group_name_attribute", "group_name_search_filter", "group_name_list_filter", "membership_attribute",
      "back_links_enabled", "password_hash_method");

  private final Home home;
  private final Map<String, Object> values;

  private TomlMapper(Home home, Map<String, Object> values) {
    this.home = home;
    this.values = values;
  }

  /** Nothing where there is no conf/esb.toml. */
  static void render(Home home) throws StartupError {
    Path file = home.conf().resolve("esb.toml");
    if (!Files.exists(file)) return;
    try {
      new TomlMapper(home, Toml.parse(Files.readString(file, StandardCharsets.UTF_8))).render();
    } catch (Toml.SyntaxError error) {
      throw new StartupError("Error while parsing " + file + ": line " + error.line + ": " + error.getMessage(), error);
    } catch (IOException | SAXException | TransformerException | ParserConfigurationException error) {
      throw new StartupError("Error while rendering the configuration from " + file + ": " + error.getMessage(), error);
    }
    LOG.info("Applying Configurations upon new Templates");
  }

  private Object get(String path) {
    Object value = values;
    for (String name : path.split("\\.")) {
      if (!(value instanceof Map)) return null;
      value = Toml.mapOf(value).get(name);
    }
    return value;
  }

  /** A value as it arrives in the XML: templates put it there as it is written, so that `&` alone breaks the file (K46x: user-mgt.xml.j2; wso2.md b.1, 12). */
  private String text(String path, String otherwise) {
    Object value = get(path);
    return value == null ? otherwise : inXml(path, value.toString());
  }

  private static String inXml(String path, String value) {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader("<value>" + value + "</value>"))).getDocumentElement().getTextContent();
    } catch (SAXException broken) {
      throw new IllegalArgumentException("The rendered XML is not well-formed where it holds " + path, broken);
    } catch (IOException | ParserConfigurationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void render() throws IOException, SAXException, TransformerException, ParserConfigurationException {
    file("carbon.xml", this::carbon);
    file("axis2/axis2.xml", this::axis2);
    file("tomcat/catalina-server.xml", this::catalina);
    file("user-mgt.xml", this::users);
    file("datasources/master-datasources.xml", document -> databases().forEach((name, jndi) -> datasource(document, name, jndi)));
    file("registry.xml", this::registry);
  }

  private void carbon(Element server) {
    set(server, "HostName", text("server.hostname", "localhost"));
    set(server, "Ports/Offset", text("server.offset", "0"));
    store(Xml.at(server, "Security/KeyStore"), "keystore.primary", SECURITY);
    Element keys = Xml.at(server, "Security/KeyStore");
    set(keys, "KeyAlias", text("keystore.primary.alias", "wso2carbon"));
    store(Xml.at(server, "Security/TrustStore"), "truststore", SECURITY);
    if (get("keystore.internal") != null) {
      Element internal = child(Xml.at(server, "Security"), "InternalKeyStore");
      for (String name : List.of("Location", "Type", "Password", "KeyAlias", "KeyPassword")) child(internal, name);
      store(internal, "keystore.internal", SECURITY);
      set(internal, "KeyAlias", text("keystore.internal.alias", ""));
    }
  }

  /** Location, type and passwords of a store, as a table names them. */
  private void store(Element element, String table, String directory) {
    if (get(table) == null || element == null) return;
    set(element, "Location", directory + text(table + ".file_name", ""));
    set(element, "Type", text(table + ".type", "JKS"));
    set(element, "Password", text(table + ".password", ""));
    if (Xml.at(element, "KeyPassword") != null) set(element, "KeyPassword", text(table + ".key_password", text(table + ".password", "")));
  }

  private void axis2(Element config) {
    for (String kind : List.of("transportReceiver", "transportSender")) {
      Element https = Xml.named(config, kind, "https");
      store(Xml.at(Xml.named(https, "parameter", "keystore"), "KeyStore"), "keystore.tls", "repository/resources/security/");
      store(Xml.at(Xml.named(https, "parameter", "truststore"), "TrustStore"), "truststore", "repository/resources/security/");
    }
    if (get("clustering.membership_scheme") == null) return;
    Element clustering = Xml.at(config, "clustering");
    clustering.setAttribute("enable", "true");
    Xml.named(clustering, "parameter", "membershipScheme").setTextContent(text("clustering.membership_scheme", ""));
    Xml.named(clustering, "parameter", "domain").setTextContent(text("clustering.domain", "wso2.carbon.domain"));
    Xml.named(clustering, "parameter", "localMemberHost").setTextContent(text("clustering.local_member_host", text("server.node_ip", "127.0.0.1")));
    Xml.named(clustering, "parameter", "localMemberPort").setTextContent(text("clustering.local_member_port", "4000"));
    Element members = Xml.at(clustering, "members");
    while (members.hasChildNodes()) members.removeChild(members.getFirstChild());
    Object list = get("clustering.members");
    if (list instanceof List) for (Object member : Toml.listOf(list)) {
      String address = member.toString();
      int colon = address.lastIndexOf(':');
      Element element = child(members, "member");
      child(element, "hostName").setTextContent(colon < 0 ? address : address.substring(0, colon));
      child(element, "port").setTextContent(colon < 0 ? "4000" : address.substring(colon + 1));
    }
  }

  private void catalina(Element server) {
    for (Element connector : Xml.children(Xml.at(server, "Service"), "Connector")) {
      boolean secure = connector.getAttribute("SSLEnabled").equals("true");
      String proxy = text(secure ? "transport.https.properties.proxyPort" : "transport.http.properties.proxyPort", null);
      if (proxy != null) connector.setAttribute("proxyPort", proxy);
      if (!secure || get("keystore.tls") == null) continue;
      connector.setAttribute("keystoreFile", SECURITY + text("keystore.tls.file_name", ""));
      connector.setAttribute("keystorePass", text("keystore.tls.password", ""));
      connector.setAttribute("keystoreType", text("keystore.tls.type", "JKS"));
      connector.setAttribute("keyAlias", text("keystore.tls.alias", "wso2carbon"));
    }
  }

  private void users(Element manager) {
    Element realm = Xml.at(manager, "Realm");
    set(realm, "Configuration/AddAdmin", text("super_admin.create_admin_account", "true"));
    set(realm, "Configuration/AdminUser/UserName", text("super_admin.username", "admin"));
    set(realm, "Configuration/AdminUser/Password", text("super_admin.password", "admin"));
    if (get("database.user") != null) Xml.named(Xml.at(realm, "Configuration"), "Property", "dataSource").setTextContent("jdbc/WSO2UserDB");
    else if (get("database.shared_db") != null) Xml.named(Xml.at(realm, "Configuration"), "Property", "dataSource").setTextContent("jdbc/SHARED_DB");
    Element store = Xml.at(realm, "UserStoreManager");
    String type = text("user_store.type", "database");
    store.setAttribute("class", STORES.getOrDefault(type, text("user_store.class", type)));
    if (get("user_store") instanceof Map) Toml.mapOf(get("user_store")).forEach((key, value) -> {
      if (KEYS.contains(key)) property(store, key.equals("connection_url") ? "ConnectionURL" : camel(key), inXml("user_store." + key, value.toString()));
    });
    if (get("user_store.properties") instanceof Map) Toml.mapOf(get("user_store.properties")).forEach((key, value) -> property(store, key, inXml("user_store.properties." + key, value.toString())));
  }

  private static void property(Element store, String name, String value) {
    Element property = Xml.named(store, "Property", name);
    if (property == null) {
      property = child(store, "Property");
      property.setAttribute("name", name);
    }
    property.setTextContent(value);
  }

  /** connection_password is ConnectionPassword. */
  private static String camel(String key) {
    StringBuilder name = new StringBuilder();
    for (String word : key.split("_")) if (!word.isEmpty()) name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    return name.toString();
  }

  /** The JNDI names of the databases that the file has. */
  private Map<String, String> databases() {
    Map<String, String> names = new LinkedHashMap<>();
    if (get("database.shared_db") != null) names.put("shared_db", "jdbc/SHARED_DB");
    if (get("database.user") != null) names.put("user", "jdbc/WSO2UserDB");
    if (get("database.config") != null) names.put("config", "jdbc/WSO2ConfigDB");
    return names;
  }

  private void datasource(Element document, String name, String jndi) {
    String table = "database." + name;
    Element datasource = child(Xml.at(document, "datasources"), "datasource");
    child(datasource, "name").setTextContent(name);
    child(child(datasource, "jndiConfig"), "name").setTextContent(jndi);
    Element definition = child(datasource, "definition");
    definition.setAttribute("type", "RDBMS");
    Element configuration = child(definition, "configuration");
    child(configuration, "url").setTextContent(text(table + ".url", ""));
    child(configuration, "username").setTextContent(text(table + ".username", ""));
    child(configuration, "password").setTextContent(text(table + ".password", ""));
    child(configuration, "driverClassName").setTextContent(text(table + ".driver", DRIVERS.getOrDefault(text(table + ".type", ""), "")));
    if (get(table + ".pool_options") instanceof Map) Toml.mapOf(get(table + ".pool_options")).forEach((key, value) -> {
      String words = camel(key);
      child(configuration, Character.toLowerCase(words.charAt(0)) + words.substring(1)).setTextContent(inXml(table + ".pool_options." + key, value.toString()));
    });
  }

  /** Configuration and governance of the shared database are mounted, with a cache id of user and URL. */
  private void registry(Element registry) {
    if (get("database.shared_db") == null) return;
    String config = get("database.config") == null ? "shared_db" : "config";
    for (String name : new TreeSet<>(List.of(config, "shared_db"))) {
      Element database = child(registry, "dbConfig");
      database.setAttribute("name", name);
      child(database, "dataSource").setTextContent(databases().get(name));
      Element instance = child(registry, "remoteInstance");
      instance.setAttribute("url", "https://localhost:9443/registry");
      child(instance, "id").setTextContent(name);
      child(instance, "dbConfig").setTextContent(name);
      child(instance, "readOnly").setTextContent("false");
      child(instance, "enableCache").setTextContent("true");
      child(instance, "registryRoot").setTextContent("/");
      child(instance, "cacheId").setTextContent(text("database." + name + ".username", "") + "@" + text("database." + name + ".url", ""));
    }
    for (String name : List.of("config", "governance")) {
      Element mount = child(registry, "mount");
      mount.setAttribute("path", "/_system/" + name);
      mount.setAttribute("overwrite", "true");
      child(mount, "instanceId").setTextContent(name.equals("config") ? config : "shared_db");
      child(mount, "targetPath").setTextContent("/_system/" + name);
    }
  }

  private static void set(Element parent, String path, String value) {
    Element found = Xml.at(parent, path);
    (found == null ? child(parent, path) : found).setTextContent(value);
  }

  private static Element child(Element parent, String name) {
    Node made = parent.getOwnerDocument().createElement(name);
    parent.appendChild(made);
    return (Element) made;
  }

  private void file(String name, Consumer<Element> render) throws IOException, SAXException, TransformerException, ParserConfigurationException {
    String template = Files.readString(home.path().resolve("repository/resources/conf/templates/conf").resolve(name), StandardCharsets.UTF_8);
    Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(template))).getDocumentElement();
    render.accept(root);
    Transformer transformer = TransformerFactory.newInstance().newTransformer();
    transformer.setOutputProperty(OutputKeys.INDENT, "yes");
    try (var out = Files.newOutputStream(home.conf().resolve(name))) {
      transformer.transform(new DOMSource(root.getOwnerDocument()), new StreamResult(out));
    }
  }
}
