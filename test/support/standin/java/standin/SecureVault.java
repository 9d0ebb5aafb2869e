package standin;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import javax.crypto.Cipher;

/**
 * Values that only the key of the node's keystore opens. conf/security/secret-conf.properties switches it on; the keystore's password is asked for
 * on the terminal, or read from `password-tmp`, which is then deleted, or from `password-persist`
 * (wso2/carbon-kernel: org.wso2.carbon.securevault.DefaultSecretCallbackHandler; org.wso2.securevault.secret.repository.FileBaseSecretRepository).
 */
final class SecureVault {
  /** What stops a start before anything is served. */
  static final class VaultError extends Exception {
    VaultError(String message, Throwable cause) { super(message, cause); }
  }

  private final Key key;
  private final String transformation;

  private SecureVault(Key key, String transformation) {
    this.key = key;
    this.transformation = transformation;
  }

  /** The vault of a home, or null where it is switched off. */
  static SecureVault open(Path home, Path configuration) throws VaultError {
    Properties said = new Properties();
    if (Files.exists(configuration)) {
      try (Reader reader = Files.newBufferedReader(configuration, StandardCharsets.ISO_8859_1)) {
        said.load(reader);
      } catch (IOException error) {
        throw new VaultError("Error while reading " + configuration + ": " + error.getMessage(), error);
      }
    }
    if (!said.containsKey("carbon.secretProvider")) return null;
    List<String> passwords = passwords(home);
    String password = passwords.get(0);
    String keyPassword = passwords.size() > 1 && !passwords.get(1).isBlank() ? passwords.get(1) : password;
    Path store = home.resolve(said.getProperty("keystore.identity.location", ""));
    String alias = said.getProperty("keystore.identity.alias", "");
    try {
      Key key = KeyStores.load(store, said.getProperty("keystore.identity.type", "JKS"), password).getKey(alias, keyPassword.toCharArray());
      if (key == null) throw new VaultError("no key with the alias '" + alias + "' in " + store, null);
      // RSA/ECB/PKCS1Padding is what the product takes where nothing else is said
      return new SecureVault(key, said.getProperty("secretRepositories.file.algorithm", "RSA"));
    } catch (IOException | GeneralSecurityException error) {
      throw new VaultError("Error in loading the keystore of the secure vault: " + error.getMessage(), error);
    }
  }

  private static List<String> passwords(Path home) throws VaultError {
    try {
      for (String name : List.of("password-tmp", "password-persist")) {
        Path file = home.resolve(name);
        if (!Files.exists(file)) continue;
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        if (name.equals("password-tmp")) Files.delete(file);
        if (!lines.isEmpty() && !lines.get(0).isEmpty()) return lines;
      }
    } catch (IOException error) {
      throw new VaultError("Error while reading the keystore's password: " + error.getMessage(), error);
    }
    throw new VaultError("[Enter KeyStore and Private Key Password :] and no terminal to ask", null);
  }

  /** The clear text of a value in base64. */
  String decrypt(String alias, String encrypted) throws VaultError {
    try {
      Cipher cipher = Cipher.getInstance(transformation);
      cipher.init(Cipher.DECRYPT_MODE, key);
      return new String(cipher.doFinal(Base64.getDecoder().decode(encrypted)), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException | IllegalArgumentException error) {
      throw new VaultError("Error decrypting the secret '" + alias + "': " + error.getMessage(), error);
    }
  }
}
