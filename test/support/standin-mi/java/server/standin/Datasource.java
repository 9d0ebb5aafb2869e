package standin;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** An RDBMS datasource as conf/datasources/master-datasources.xml describes it after rendering. */
final class Datasource {
  private static final Log LOG = Log.of("org.wso2.micro.integrator.ndatasource.core.DataSourceManager");

  private Datasource() { }

  /**
   * Writes the XML anew from the TOML, as the product does at every start, and reads it back. Values are put in as they are
   * (wso2/micro-integrator v1.2.0: master-datasources.xml.j2), so that a bare `&` in a URL spoils the whole file: then, as with
   * any datasource that cannot be read, the error is logged and no datasource is known.
   */
  static Coordinates find(Settings settings, String id) throws IOException {
    Path file = settings.home.resolve("conf/datasources/master-datasources.xml");
    Files.createDirectories(file.getParent());
    String xml = render(settings);
    Files.writeString(file, xml, StandardCharsets.UTF_8);
    try {
      NodeList datasources = parse(xml).getElementsByTagName("datasource");
      for (int index = 0; index < datasources.getLength(); index++) {
        Element datasource = (Element) datasources.item(index);
        if (!id.equals(child(datasource, "name"))) continue;
        Element configuration = (Element) datasource.getElementsByTagName("configuration").item(0);
        return new Coordinates(child(configuration, "url"), child(configuration, "username"), settings.clear(child(configuration, "password")), child(configuration, "driverClassName"));
      }
    } catch (SAXException error) {
      String line = error instanceof SAXParseException ? ": line " + ((SAXParseException) error).getLineNumber() : "";
      LOG.error("Error in initializing system data sources from " + file + line + ": " + error.getMessage(), error);
    }
    return null;
  }

  private static String render(Settings settings) {
    StringBuilder xml = new StringBuilder("<datasources-configuration>\n  <datasources>\n");
    for (Map<String, Object> table : settings.tables("datasource")) {
      xml.append("    <datasource>\n      <name>").append(table.get("id")).append("</name>\n      <definition type=\"RDBMS\">\n        <configuration>\n");
      element(xml, "url", table.get("url"));
      element(xml, "username", table.get("username"));
      element(xml, "password", table.get("password"));
      element(xml, "driverClassName", table.get("driver"));
      if (table.get("pool_options") instanceof Map) Toml.mapOf(table.get("pool_options")).forEach((name, value) -> element(xml, name, value));
      xml.append("        </configuration>\n      </definition>\n    </datasource>\n");
    }
    return xml.append("  </datasources>\n</datasources-configuration>\n").toString();
  }

  private static void element(StringBuilder xml, String name, Object value) {
    if (value != null) xml.append("          <").append(name).append('>').append(value).append("</").append(name).append(">\n");
  }

  private static org.w3c.dom.Document parse(String xml) throws SAXException, IOException {
    try {
      var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(new ErrorHandler() {
        @Override public void warning(SAXParseException error) { LOG.warn(error.getMessage()); }
        @Override public void error(SAXParseException error) throws SAXException { throw error; }
        @Override public void fatalError(SAXParseException error) throws SAXException { throw error; }
      });
      return builder.parse(new InputSource(new StringReader(xml)));
    } catch (javax.xml.parsers.ParserConfigurationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String child(Element parent, String name) {
    NodeList found = parent.getElementsByTagName(name);
    return found.getLength() == 0 ? null : found.item(0).getTextContent().trim();
  }
}
