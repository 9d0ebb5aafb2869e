package standin;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** A scheduled task as an artifact describes it: its name, and the interval of its trigger in milliseconds. */
record TaskDefinition(String name, long interval) {
  private static final Log LOG = Log.of("org.apache.synapse.deployers.TaskDeployer");
  private static final String NAMESPACE = "http://ws.apache.org/ns/synapse";

  /** Every task of synapse-configs/default/tasks; a file that cannot be read is an error in the log and no task. */
  static List<TaskDefinition> readAll(Path home) throws IOException {
    Path directory = home.resolve("repository/deployment/server/synapse-configs/default/tasks");
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.xml")) { entries.forEach(files::add); }
    }
    files.sort(Comparator.naturalOrder());
    List<TaskDefinition> tasks = new ArrayList<>();
    for (Path file : files) {
      try {
        tasks.add(read(file));
      } catch (SAXParseException error) {
        LOG.error("Task deployment from the file " + file + " failed: line " + error.getLineNumber() + ": " + error.getMessage());
      } catch (SAXException | IllegalArgumentException error) {
        LOG.error("Task deployment from the file " + file + " failed: " + error.getMessage());
      }
    }
    return tasks;
  }

  private static TaskDefinition read(Path file) throws SAXException, IOException {
    Element task = document(file);
    NodeList triggers = task.getElementsByTagNameNS(NAMESPACE, "trigger");
    String name = task.getAttribute("name");
    if (!"task".equals(task.getLocalName()) || !NAMESPACE.equals(task.getNamespaceURI())) throw new IllegalArgumentException("the root is not a synapse task");
    if (name.isEmpty() || triggers.getLength() == 0) throw new IllegalArgumentException("a task needs a name and a trigger");
    String interval = ((Element) triggers.item(0)).getAttribute("interval");
    if (!interval.matches("[1-9][0-9]*")) throw new IllegalArgumentException("the trigger's interval is '" + interval + "'");
    return new TaskDefinition(name, Long.parseLong(interval));
  }

  private static Element document(Path file) throws SAXException, IOException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    try {
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      return builder.parse(file.toFile()).getDocumentElement();
    } catch (ParserConfigurationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
