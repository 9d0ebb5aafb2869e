package standin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** Names of the proxies that a node finds at its start: files of synapse-configs/default/proxy-services, and what lies in carbon applications. */
final class Deployed {
  private static final Log PROXIES = Log.of("org.apache.synapse.deployers.ProxyServiceDeployer");
  private static final Log APPLICATIONS = Log.of("org.wso2.micro.integrator.initializer.deployment.application.deployer.CappDeployer");
  private static final String NAMESPACE = "http://ws.apache.org/ns/synapse";

  private Deployed() { }

  static Set<String> proxies(Path home) throws IOException {
    Set<String> names = new TreeSet<>();
    Path server = home.resolve("repository/deployment/server");
    for (Path file : files(server.resolve("synapse-configs/default/proxy-services"), "*.xml")) {
      try (InputStream in = Files.newInputStream(file)) {
        names.add(proxy(in));
      } catch (SAXException | IllegalArgumentException error) {
        PROXIES.error("ProxyService deployment from the file " + file + " failed: " + error.getMessage());
      }
    }
    for (Path car : files(server.resolve("carbonapps"), "*.car")) {
      try (ZipFile zip = new ZipFile(car.toFile())) {
        if (zip.getEntry("artifacts.xml") == null) throw new IllegalArgumentException("artifacts.xml is not in it");
        for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements();) {
          ZipEntry entry = entries.nextElement();
          if (entry.getName().matches("[^/]+/[^/]+\\.xml") && !entry.getName().endsWith("/artifact.xml")) names.add(proxy(zip.getInputStream(entry)));
        }
        APPLICATIONS.info("Successfully Deployed Carbon Application : " + car.getFileName().toString().replaceFirst("\\.car$", ""));
      } catch (IOException | SAXException | IllegalArgumentException error) {
        APPLICATIONS.error("Error while deploying Carbon Application : " + car + ": " + error.getMessage());
      }
    }
    return names;
  }

  private static List<Path> files(Path directory, String pattern) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, pattern)) { entries.forEach(files::add); }
    }
    files.sort(Comparator.naturalOrder());
    return files;
  }

  private static String proxy(InputStream in) throws IOException, SAXException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    try {
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      Element proxy = builder.parse(in).getDocumentElement();
      if (!"proxy".equals(proxy.getLocalName()) || !NAMESPACE.equals(proxy.getNamespaceURI())) throw new IllegalArgumentException("the root is not a synapse proxy");
      return proxy.getAttribute("name");
    } catch (ParserConfigurationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
