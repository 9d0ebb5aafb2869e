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

/** Keystores and what becomes of a wrong file, password or alias. */
final class KeyStores {
  private KeyStores() { }

  /** What serves TLS with one key of a store: that of the alias, or the first when none is said. */
  static SSLContext context(Path path, String type, String password, String alias, String keyPassword) throws IOException, GeneralSecurityException {
    KeyStore whole = load(path, type, password);
    String name = alias != null ? alias : firstKey(whole);
    Key key = whole.getKey(name, keyPassword.toCharArray());
    if (key == null) throw new KeyStoreException("no key with the alias '" + name + "' in " + path);
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

  static KeyStore load(Path path, String type, String password) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(type);
    try (InputStream in = Files.newInputStream(path)) {
      store.load(in, password.toCharArray());
    } catch (IOException error) {
      throw new IOException("cannot read the keystore " + path + ": " + error.getMessage(), error);
    }
    return store;
  }
}
