package standin;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.w3c.dom.Element;

/** Ports, host names and keys, as carbon.xml, axis2.xml and catalina-server.xml say. */
final class Transports {
  private final Home home;
  final Element carbon;
  final Element axis2;
  private final List<Element> connectors;
  final int offset;

  Transports(Home home, Element carbon) throws StartupError {
    this.home = home;
    this.carbon = carbon;
    this.axis2 = Xml.read(home.conf().resolve("axis2/axis2.xml"));
    this.connectors = Xml.children(Xml.at(Xml.read(home.conf().resolve("tomcat/catalina-server.xml")), "Service"), "Connector");
    String given = System.getProperty("portOffset", Xml.text(carbon, "Ports/Offset", "0"));
    try {
      this.offset = Integer.parseInt(given);
    } catch (NumberFormatException error) {
      throw new StartupError("Invalid port offset '" + given + "'", error);
    }
  }

  private Element connector(boolean secure) throws StartupError {
    return connectors.stream().filter(each -> Boolean.parseBoolean(each.getAttribute("SSLEnabled")) == secure).findFirst()
        .orElseThrow(() -> new StartupError("Error in catalina-server.xml: there is no " + (secure ? "HTTPS" : "HTTP") + " Connector"));
  }

  int servletPort(boolean secure) throws StartupError {
    String given = System.getProperty(secure ? "httpsPort" : "httpPort", connector(secure).getAttribute("port"));
    return Integer.parseInt(given) + offset;
  }

  /** The port that redirects name: a proxy's, or our own. */
  int announcedPort() throws StartupError {
    String proxy = connector(true).getAttribute("proxyPort");
    return proxy.isEmpty() ? servletPort(true) : Integer.parseInt(proxy);
  }

  SSLContext servletKeys() throws IOException, GeneralSecurityException, StartupError {
    Element connector = connector(true);
    String password = connector.getAttribute("keystorePass");
    // Tomcat opens store and key with the one password it is given.
    String alias = connector.getAttribute("keyAlias");
    String type = connector.getAttribute("keystoreType");
    return KeyStores.context(home.resolve(connector.getAttribute("keystoreFile")), type.isEmpty() ? "JKS" : type, password, alias.isEmpty() ? null : alias, password);
  }

  /** The keystore and truststore that the server itself signs and trusts with; a wrong password or alias stops the start. */
  void checkKeys() throws IOException, GeneralSecurityException {
    Element keys = Xml.at(carbon, "Security/KeyStore");
    KeyStores.context(home.resolve(Xml.text(keys, "Location", "")), Xml.text(keys, "Type", "JKS"), Xml.text(keys, "Password", ""),
        Xml.text(keys, "KeyAlias", ""), Xml.text(keys, "KeyPassword", ""));
    Element trust = Xml.at(carbon, "Security/TrustStore");
    KeyStores.load(home.resolve(Xml.text(trust, "Location", "")), Xml.text(trust, "Type", "JKS"), Xml.text(trust, "Password", ""));
    Element internal = Xml.at(carbon, "Security/InternalKeyStore");
    if (internal != null) KeyStores.context(home.resolve(Xml.text(internal, "Location", "")), Xml.text(internal, "Type", "JKS"), Xml.text(internal, "Password", ""),
        Xml.text(internal, "KeyAlias", ""), Xml.text(internal, "KeyPassword", ""));
    // Who the server calls over TLS, a directory for one, must be signed by somebody in here (wso2.md a.0.7).
    System.setProperty("javax.net.ssl.trustStore", home.resolve(Xml.text(trust, "Location", "")).toString());
    System.setProperty("javax.net.ssl.trustStoreType", Xml.text(trust, "Type", "JKS"));
    System.setProperty("javax.net.ssl.trustStorePassword", Xml.text(trust, "Password", ""));
  }

  /** The pass-through listener of this name, or null where axis2.xml has servlet transports, as the business-process profile has. */
  Element passThrough(String name) {
    Element receiver = Xml.named(axis2, "transportReceiver", name);
    return receiver != null && receiver.getAttribute("class").contains(".PassThroughHttp") ? receiver : null;
  }

  int passThroughPort(Element receiver) { return Integer.parseInt(Xml.parameter(receiver, "port", "0")) + offset; }

  SSLContext passThroughKeys(Element receiver) throws IOException, GeneralSecurityException {
    Element keys = Xml.at(Xml.named(receiver, "parameter", "keystore"), "KeyStore");
    Element trust = Xml.at(Xml.named(receiver, "parameter", "truststore"), "TrustStore");
    KeyStores.load(home.resolve(Xml.text(trust, "Location", "")), Xml.text(trust, "Type", "JKS"), Xml.text(trust, "Password", ""));
    return KeyStores.context(home.resolve(Xml.text(keys, "Location", "")), Xml.text(keys, "Type", "JKS"), Xml.text(keys, "Password", ""),
        null, Xml.text(keys, "KeyPassword", ""));
  }

  String hostName() { return Xml.text(carbon, "HostName", "localhost"); }

  String consoleHost() { return Xml.text(carbon, "MgtHostName", hostName()); }
}
