package standin;

import java.io.IOException;
import java.security.GeneralSecurityException;
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
    KeyStores.load(settings.path(settings.text("truststore.file_name", DEFAULT_TRUST)), settings.text("truststore.type", "JKS"), settings.text("truststore.password", "wso2carbon"));
  }

  private SSLContext context(String file, String type, String password, String alias, String keyPassword) throws IOException, GeneralSecurityException {
    return KeyStores.context(settings.path(file), type, password, alias, keyPassword);
  }
}
