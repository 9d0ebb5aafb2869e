package standin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.BasicAttribute;
import javax.naming.directory.BasicAttributes;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.w3c.dom.Element;

/**
 * A user store in a directory: it must let us in, have its search bases, and know the administrator, who is made there where the store writes
 * and `AddAdmin` asks for it (wso2.md a.0.7; seed 000, step 6). Passwords travel to Active Directory over TLS alone (wso2.md a.0.7).
 */
final class Directory {
  private static final Log LOG = Log.of("org.wso2.carbon.user.core.common.DefaultRealm");
  private final Element store;

  Directory(Element store) { this.store = store; }

  static boolean is(Element store) { return store != null && store.getAttribute("class").contains(".ldap."); }

  private String property(String name, String otherwise) {
    Element found = Xml.named(store, "Property", name);
    return found == null ? otherwise : found.getTextContent().trim();
  }

  private boolean isKind(String kind) { return store.getAttribute("class").endsWith("." + kind + "UserStoreManager"); }

  private String url() { return property("ConnectionURL", ""); }

  private DirContext bound(String name, String password) throws NamingException {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
    environment.put(Context.PROVIDER_URL, url());
    environment.put(Context.SECURITY_PRINCIPAL, name);
    environment.put(Context.SECURITY_CREDENTIALS, password);
    environment.put("com.sun.jndi.ldap.connect.timeout", "5000");
    return new InitialDirContext(environment);
  }

  private DirContext bound() throws NamingException { return bound(property("ConnectionName", ""), property("ConnectionPassword", "")); }

  void open(String admin, String password, boolean addAdmin) throws StartupError {
    try {
      DirContext context = bound();
      try {
        String name = nameOf(context, admin);
        if (Boolean.parseBoolean(property("ReadGroups", "false"))) context.getAttributes(new LdapName(property("GroupSearchBase", "")), new String[] { "objectClass" });
        if (name == null && addAdmin && isKind("ReadOnlyLDAP")) throw new StartupError("Admin user can not be created in primary user store. User store is read only.");
        if (name == null && !addAdmin) throw new StartupError("The administrator '" + admin + "' is not in the user store " + url());
        if (name == null && isKind("ActiveDirectory") && !url().startsWith("ldaps:")) throw new StartupError("The password of '" + admin + "' cannot be set over " + url());
        if (name == null) add(context, admin, password);
        LOG.info("User store " + url() + " is ready");
      } finally {
        context.close();
      }
    } catch (NamingException error) {
      throw new StartupError("Error obtaining connection to the user store " + url() + ": " + error.getMessage(), error);
    }
  }

  /** Whether the directory lets this user in. */
  boolean accepts(String user, String password) {
    if (password.isEmpty()) return false;
    try {
      DirContext context = bound();
      try {
        String name = nameOf(context, user);
        if (name == null) return false;
        bound(name, password).close();
        return true;
      } finally {
        context.close();
      }
    } catch (NamingException refused) {
      return false;
    }
  }

  /** The distinguished name of a user, or null; a search base that is not there is an error. */
  private String nameOf(DirContext context, String user) throws NamingException {
    SearchControls controls = new SearchControls();
    controls.setSearchScope(SearchControls.SUBTREE_SCOPE);
    NamingEnumeration<SearchResult> found = context.search(property("UserSearchBase", ""), property("UserNameSearchFilter", "(uid=?)").replace("?", "{0}"), new Object[] { user }, controls);
    return found.hasMore() ? found.next().getNameInNamespace() : null;
  }

  private void add(DirContext context, String user, String password) throws NamingException {
    String attribute = property("UserNameAttribute", "uid");
    String pattern = property("UserDNPattern", "");
    LdapName name = new LdapName(pattern.isEmpty() ? property("UserSearchBase", "") : pattern.replace("{0}", Rdn.escapeValue(user)));
    if (pattern.isEmpty()) name.add(new Rdn(attribute, user));
    BasicAttributes entry = new BasicAttributes(true);
    entry.put("objectClass", property("UserEntryObjectClass", "identityPerson"));
    for (String each : new String[] { attribute, "cn", "sn" }) entry.put(each, user);
    entry.put(new BasicAttribute("userPassword", hashed(password)));
    context.createSubcontext(name, entry).close();
  }

  private String hashed(String password) {
    String method = property("PasswordHashMethod", "SHA");
    if (method.equals("PLAIN_TEXT")) return password;
    try {
      return "{" + method + "}" + Base64.getEncoder().encodeToString(MessageDigest.getInstance(method).digest(password.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException unknown) {
      throw new IllegalArgumentException("Unsupported PasswordHashMethod " + method, unknown);
    }
  }
}
