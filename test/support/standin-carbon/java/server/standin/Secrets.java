package standin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Passwords that configuration files name by an alias (`svns:secretAlias`) and cipher-text.properties holds encrypted, where the secure vault is on.
 * carbon.xml asks for `Carbon.` and the path of the element, user-mgt.xml and catalina-server.xml for names of their own, files of data sources for any; axis2.xml for none
 * (product-ei#2970). What is not in the repository is its own alias (wso2/carbon-kernel: ServerConfiguration, RealmConfigXMLProcessor; wso2-securevault: FileBaseSecretRepository).
 */
final class Secrets {
  private static final String ALIAS = "svns:secretAlias";
  private static final String CONNECTOR = "Server.Service.Connector.";
  private static Secrets current = new Secrets(null, new Properties());

  private final SecureVault vault;
  private final Properties encrypted;

  private Secrets(SecureVault vault, Properties encrypted) {
    this.vault = vault;
    this.encrypted = encrypted;
  }

  /** For every file that is read from now on. */
  static void open(Home home) throws StartupError {
    Path security = home.conf().resolve("security");
    try {
      SecureVault vault = SecureVault.open(home.path(), security.resolve("secret-conf.properties"));
      Properties encrypted = new Properties();
      if (vault != null) try (var reader = Files.newBufferedReader(security.resolve("cipher-text.properties"), StandardCharsets.ISO_8859_1)) { encrypted.load(reader); }
      current = new Secrets(vault, encrypted);
    } catch (SecureVault.VaultError | IOException error) {
      throw new StartupError(error.getMessage(), error);
    }
  }

  static void reveal(Path file, Element root) throws StartupError {
    if (current.vault == null) return;
    Deque<Element> left = new ArrayDeque<>();
    left.push(root);
    while (!left.isEmpty()) {
      Element element = left.pop();
      for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) if (node instanceof Element child) left.push(child);
      String alias = element.getAttribute(ALIAS);
      if (alias.isEmpty() || !asksFor(file, element, alias)) continue;
      if (alias.startsWith(CONNECTOR)) element.setAttribute(alias.substring(CONNECTOR.length()), current.of(alias));
      else element.setTextContent(current.of(alias));
    }
  }

  private String of(String alias) throws StartupError {
    String value = encrypted.getProperty(alias);
    if (value == null) return alias;
    try {
      return vault.decrypt(alias, value);
    } catch (SecureVault.VaultError error) {
      throw new StartupError(error.getMessage(), error);
    }
  }

  private static boolean asksFor(Path file, Element element, String alias) {
    if (file.getParent().endsWith("datasources")) return true;
    return switch (file.getFileName().toString()) {
      case "carbon.xml" -> alias.equals("Carbon." + pathOf(element));
      case "user-mgt.xml" -> alias.equals("UserManager.AdminUser.Password") || alias.startsWith("UserStoreManager.Property.");
      case "catalina-server.xml" -> alias.startsWith(CONNECTOR);
      default -> false;
    };
  }

  /** Without the root, with points between. */
  private static String pathOf(Element element) {
    StringBuilder path = new StringBuilder(element.getNodeName());
    for (Node up = element.getParentNode(); up.getParentNode() instanceof Element; up = up.getParentNode()) path.insert(0, up.getNodeName() + ".");
    return path.toString();
  }
}
