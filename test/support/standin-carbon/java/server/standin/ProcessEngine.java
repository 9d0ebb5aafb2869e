package standin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.w3c.dom.Element;

/** What the business-process profile adds: bps.xml, humantask.xml, activiti.xml and their two databases. */
final class ProcessEngine {
  private static final Log LOG = Log.of("org.wso2.carbon.bpel.core.ode.integration.BPELServerImpl");
  private static final List<String> BPEL = List.of("ODE_SCHEMA_VERSION", "ODE_PROCESS", "ODE_PROCESS_INSTANCE", "STORE_DU", "STORE_PROCESS", "HT_TASK", "ATTACHMENT", "OPENJPA_SEQUENCE_TABLE");
  private static final String ACTIVITI_PROBE = "SELECT 1 FROM ACT_GE_PROPERTY";
  static final List<String> APPLICATIONS = List.of("/bpmn-explorer", "/humantask-explorer", "/bpmn");
  private final Home home;
  private final Databases databases;

  private ProcessEngine(Home home, Databases databases) {
    this.home = home;
    this.databases = databases;
  }

  /** null where conf has no bps.xml. */
  static ProcessEngine of(Home home, Databases databases) throws StartupError {
    if (!Files.exists(home.conf().resolve("bps.xml"))) return null;
    databases.read("bps-datasources.xml");
    databases.read("activiti-datasources.xml");
    return new ProcessEngine(home, databases);
  }

  void open() throws StartupError {
    Element bps = Xml.read(home.conf().resolve("bps.xml"));
    Element humantask = Xml.read(home.conf().resolve("humantask.xml"));
    Xml.read(home.conf().resolve("b4p-coordination-config.xml"));
    Element source = Xml.at(bps, "tns:DataBaseConfig/tns:DataSource");
    if (source == null) throw new StartupError("Error in bps.xml: there is no DataSource");
    databases.demand(source.getAttribute("name"), BPEL);
    databases.named(Xml.text(humantask, "PersistenceConfig/DataSource", ""));
    activiti(Xml.read(home.conf().resolve("activiti.xml")));
    LOG.info("Node id " + Xml.text(bps, "tns:NodeId", "default") + ", distributed lock " + Xml.flag(bps, "tns:UseDistributedLock"));
  }

  private void activiti(Element beans) throws StartupError {
    Element engine = Xml.children(beans, "bean").stream().filter(bean -> Xml.named(bean, "property", "dataSourceJndiName") != null).findFirst()
        .orElseThrow(() -> new StartupError("Error in activiti.xml: there is no dataSourceJndiName"));
    // Given as java:comp/env/… by the product's file.
    String jndi = Xml.named(engine, "property", "dataSourceJndiName").getAttribute("value").replace("java:comp/env/", "");
    Element update = Xml.named(engine, "property", "databaseSchemaUpdate");
    if (update != null && update.getAttribute("value").equals("true")) databases.use(jndi, connection -> {
      if (Databases.answers(connection, ACTIVITI_PROBE)) return null;
      String type = Databases.type(connection);
      Path scripts = home.path().resolve("dbscripts/bps/bpmn/create");
      for (String part : List.of("engine", "history", "identity")) {
        Databases.run(connection, scripts.resolve("activiti." + (type.equals("postgresql") ? "postgres" : type) + ".create." + part + ".sql"), ";");
      }
      return null;
    });
    databases.demand(jndi, List.of("ACT_GE_PROPERTY", "ACT_RU_TASK", "ACT_HI_PROCINST", "ACT_ID_USER"));
  }
}
