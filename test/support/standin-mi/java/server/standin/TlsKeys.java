package standin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStoreException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Keystores as deployment.toml names them: [keystore.primary] serves the pass-through listener, [internal_api_ssl_config] the
 * management API and follows the primary one where it says nothing (wso2/micro-integrator v4.2.0: default.json).
 */
final class TlsKeys {
  private static final String DEFAULT_STORE = "repository/resources/security/wso2carbon.jks";
  private static final String DEFAULT_TRUST = "repository/resources/security/client-truststore.jks";
  private final Settings settings;

  TlsKeys(Settings settings) { this.settings = settings; }

  SSLContext passThrough() throws IOException, GeneralSecurityException {
    String password = settings.text("keystore.primary.password", "wso2carbon");
    return context(settings.text("keystore.primary.file_name", DEFAULT_STORE), settings.text("keystore.primary.type", "JKS"), password,
        settings.text("keystore.primary.alias", "wso2carbon"), settings.text("keystore.primary.key_password", "wso2carbon"));
  }

  SSLContext management() throws IOException, GeneralSecurityException {
    String primary = settings.text("keystore.primary.file_name", DEFAULT_STORE);
    String location = settings.text("internal_api_ssl_config.key_store.location", primary);
    String password = settings.text("internal_api_ssl_config.key_store.password", settings.text("keystore.primary.password", "wso2carbon"));
    String keyPassword = settings.text("internal_api_ssl_config.key_store.key_password", settings.text("keystore.primary.key_password", "wso2carbon"));
    String alias = location.equals(primary) ? settings.text("keystore.primary.alias", "wso2carbon") : null;
    return context(location, settings.text("keystore.primary.type", "JKS"), password, alias, keyPassword);
  }

  void checkTruststore() throws IOException, GeneralSecurityException {
    load(settings.text("truststore.file_name", DEFAULT_TRUST), settings.text("truststore.type", "JKS"), settings.text("truststore.password", "wso2carbon"));
  }

  private SSLContext context(String file, String type, String password, String alias, String keyPassword) throws IOException, GeneralSecurityException {
    KeyStore whole = load(file, type, password);
    String name = alias != null ? alias : firstKey(whole);
    Key key = whole.getKey(name, keyPassword.toCharArray());
    if (key == null) throw new KeyStoreException("no key with the alias '" + name + "' in " + settings.path(file));
    KeyStore one = KeyStore.getInstance("PKCS12");
    one.load(null, null);
    one.setKeyEntry(name, key, keyPassword.toCharArray(), whole.getCertificateChain(name));
    KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(one, keyPassword.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static String firstKey(KeyStore store) throws KeyStoreException {
    for (var names = store.aliases(); names.hasMoreElements();) {
      String name = names.nextElement();
      if (store.isKeyEntry(name)) return name;
    }
    throw new KeyStoreException("the keystore holds no key");
  }

  private KeyStore load(String file, String type, String password) throws IOException, GeneralSecurityException {
    Path path = settings.path(file);
    KeyStore store = KeyStore.getInstance(type);
    try (InputStream in = Files.newInputStream(path)) {
      store.load(in, password.toCharArray());
    } catch (IOException error) {
      throw new IOException("cannot read the keystore " + path + ": " + error.getMessage(), error);
    }
    return store;
  }
}
