package standin;

import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;

/**
 * Keystores as deployment.toml names them: [keystore.primary] serves the pass-through listener, [internal_api_ssl_config] the
 * management API. In 4.2.0 a name is a path below the home, and the second follows the first where it says nothing; in 1.2.0 a name lies among the
 * keystores, and the second is the shipped one where it says nothing (wso2/micro-integrator v1.2.0 and v4.2.0: default.json).
 */
final class TlsKeys {
  private static final String FOLDER = "repository/resources/security/";
  private static final String DEFAULT_STORE = FOLDER + "wso2carbon.jks";
  private final Settings settings;
  private final boolean isOld;

  TlsKeys(Settings settings) {
    this.settings = settings;
    this.isOld = settings.version.startsWith("1.");
  }

  private String file(String path, String otherwise) {
    String name = settings.text(path, null);
    return name == null ? FOLDER + otherwise : isOld ? FOLDER + name : name;
  }

  SSLContext passThrough() throws IOException, GeneralSecurityException {
    String password = settings.text("keystore.primary.password", "wso2carbon");
    return context(file("keystore.primary.file_name", "wso2carbon.jks"), settings.text("keystore.primary.type", "JKS"), password,
        settings.text("keystore.primary.alias", "wso2carbon"), settings.text("keystore.primary.key_password", "wso2carbon"));
  }

  SSLContext management() throws IOException, GeneralSecurityException {
    String primary = file("keystore.primary.file_name", "wso2carbon.jks");
    String location = settings.text("internal_api_ssl_config.key_store.location", isOld ? DEFAULT_STORE : primary);
    String password = settings.text("internal_api_ssl_config.key_store.password", isOld ? "wso2carbon" : settings.text("keystore.primary.password", "wso2carbon"));
    String keyPassword = settings.text("internal_api_ssl_config.key_store.key_password", isOld ? "wso2carbon" : settings.text("keystore.primary.key_password", "wso2carbon"));
    String alias = location.equals(primary) ? settings.text("keystore.primary.alias", "wso2carbon") : null;
    return context(location, settings.text("keystore.primary.type", "JKS"), password, alias, keyPassword);
  }

  void checkTruststore() throws IOException, GeneralSecurityException {
    KeyStores.load(settings.path(file("truststore.file_name", "client-truststore.jks")), settings.text("truststore.type", "JKS"), settings.text("truststore.password", "wso2carbon"));
  }

  private SSLContext context(String file, String type, String password, String alias, String keyPassword) throws IOException, GeneralSecurityException {
    return KeyStores.context(settings.path(file), type, password, alias, keyPassword);
  }
}
