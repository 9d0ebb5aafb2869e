package standin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** Configuration files as a parser sees them: what stands in comments does not count, and an alias of the secure vault is its secret. */
final class Xml {
  private Xml() { }

  static Element read(Path file) throws StartupError {
    try {
      Element root = parse(file);
      Secrets.reveal(file, root);
      return root;
    } catch (SAXParseException error) {
      throw new StartupError("Error while parsing " + file + ": line " + error.getLineNumber() + ": " + error.getMessage(), error);
    } catch (SAXException | IOException error) {
      throw new StartupError("Error while reading " + file + ": " + error, error);
    }
  }

  static Element parse(Path file) throws SAXException, IOException {
    try (var in = Files.newInputStream(file)) {
      DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(new ErrorHandler() {
        @Override public void warning(SAXParseException error) { }
        @Override public void error(SAXParseException error) throws SAXException { throw error; }
        @Override public void fatalError(SAXParseException error) throws SAXException { throw error; }
      });
      return builder.parse(in).getDocumentElement();
    } catch (ParserConfigurationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The child elements of a name. */
  static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    if (parent == null) return found;
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getNodeName().equals(name)) found.add(element);
    }
    return found;
  }

  /** The first element down a path of names, or null. */
  static Element at(Element parent, String path) {
    Element element = parent;
    for (String name : path.split("/")) {
      List<Element> found = children(element, name);
      if (found.isEmpty()) return null;
      element = found.get(0);
    }
    return element;
  }

  static String text(Element parent, String path, String otherwise) {
    Element found = at(parent, path);
    return found == null ? otherwise : found.getTextContent().trim();
  }

  static boolean flag(Element parent, String path) { return Boolean.parseBoolean(text(parent, path, "false")); }

  /** The child of a kind whose attribute `name` is this, or null. */
  static Element named(Element parent, String kind, String name) {
    return children(parent, kind).stream().filter(each -> each.getAttribute("name").equals(name)).findFirst().orElse(null);
  }

  /** The text of `<parameter name="…">`. */
  static String parameter(Element parent, String name, String otherwise) {
    Element found = named(parent, "parameter", name);
    return found == null ? otherwise : found.getTextContent().trim();
  }
}
