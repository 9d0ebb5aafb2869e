package standin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** Proxy services, deployed and taken away as their files come and go below synapse-configs/default/proxy-services. */
final class Proxies {
  private static final Log DEPLOYER = Log.of("org.apache.synapse.deployers.ProxyServiceDeployer");
  private static final Log MEDIATOR = Log.of("org.apache.synapse.mediators.builtin.LogMediator");

  private record Proxy(String name, Set<String> transports, List<Element> logs) { }

  private final Path directory;
  private final Map<Path, String> seen = new ConcurrentHashMap<>();
  private final Map<Path, Proxy> deployed = new ConcurrentHashMap<>();

  Proxies(Home home) { this.directory = home.deployment().resolve("synapse-configs/default/proxy-services"); }

  synchronized void scan() {
    Set<Path> present = new HashSet<>();
    try (Stream<Path> files = Files.isDirectory(directory) ? Files.list(directory) : Stream.empty()) {
      for (Path file : files.filter(each -> each.toString().endsWith(".xml")).sorted().toList()) {
        present.add(file);
        String state = Files.getLastModifiedTime(file) + " " + Files.size(file);
        if (!state.equals(seen.put(file, state))) deploy(file);
      }
    } catch (IOException moving) {
      return; // a synchroniser is at work; the next round sees what it leaves
    }
    for (Path file : new ArrayList<>(seen.keySet())) {
      if (present.contains(file)) continue;
      seen.remove(file);
      Proxy gone = deployed.remove(file);
      if (gone != null) DEPLOYER.info("ProxyService named '" + gone.name + "' has been undeployed");
    }
  }

  private void deploy(Path file) {
    deployed.remove(file);
    try {
      Element proxy = Xml.parse(file);
      if (!proxy.getNodeName().equals("proxy") || proxy.getAttribute("name").isEmpty()) throw new SAXException("it is not a proxy");
      if (proxy.getAttribute("startOnLoad").equals("false")) return;
      String transports = proxy.getAttribute("transports");
      List<Element> logs = Xml.children(Xml.at(proxy, "target/inSequence"), "log");
      deployed.put(file, new Proxy(proxy.getAttribute("name"), Set.of((transports.isBlank() ? "http https" : transports).trim().split("[\\s,]+")), logs));
      DEPLOYER.info("ProxyService named '" + proxy.getAttribute("name") + "' has been deployed from file : " + file);
    } catch (SAXException | IOException error) {
      DEPLOYER.error("ProxyService Deployment from the file : " + file + " : Failed. " + error.getMessage(), error);
    }
  }

  /** Whether a service of this name takes messages on this transport. */
  boolean has(String name, String transport) {
    return deployed.values().stream().anyMatch(proxy -> proxy.name.equals(name) && proxy.transports.contains(transport));
  }

  /** A message on its way in: the log mediators of the in-sequence say their lines. */
  void mediate(String name) {
    for (Proxy proxy : deployed.values()) if (proxy.name.equals(name)) for (Element log : proxy.logs) MEDIATOR.info(line(log, name));
  }

  private static String line(Element log, String name) {
    List<String> parts = new ArrayList<>();
    if (!log.getAttribute("level").equals("custom")) {
      parts.addAll(List.of("To: /services/" + name, "MessageID: urn:uuid:" + UUID.randomUUID(), "Direction: request"));
    }
    for (Element property : Xml.children(log, "property")) parts.add(property.getAttribute("name") + " = " + property.getAttribute("value"));
    String separator = log.getAttribute("separator");
    return String.join(separator.isEmpty() ? ", " : separator, parts);
  }
}
