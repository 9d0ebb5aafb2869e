package standin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.w3c.dom.Element;

/** A Carbon server from its start to its end, in the order of the product. */
public final class Server {
  private static final Log MAIN = Log.of("org.wso2.carbon.server.Main");
  private static final Log ACTIVATOR = Log.of("org.wso2.carbon.core.internal.CarbonCoreActivator");
  private static final Log MANAGER = Log.of("org.wso2.carbon.core.init.CarbonServerManager");
  private static final Log STARTUP = Log.of("org.wso2.carbon.core.internal.StartupFinalizerServiceComponent");
  private static final Log CONSOLE = Log.of("org.wso2.carbon.ui.internal.CarbonUIServiceComponent");
  /** The exit code at which the start script starts the JVM once more. */
  private static final int RESTART = 121;
  private static final int PID_FILE = 100;

  private final long begun = System.currentTimeMillis();
  private final Home home;
  private final boolean worker;
  private final Faults faults;
  private String name = "WSO2 Carbon";
  private Listeners listeners;
  private Membership membership;
  private volatile boolean ended;

  private Server(Home home, boolean worker) throws IOException {
    this.home = home;
    this.worker = worker;
    this.faults = Faults.of(home.path());
  }

  public static void main(String[] arguments) throws Exception {
    Home home = Home.ofProperties();
    openLog(home);
    // Before the arguments are looked at, in a buffer of a hundred bytes (K4416: Main.java).
    byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    Files.write(home.path().resolve("wso2carbon.pid"), ByteBuffer.allocate(PID_FILE).put(pid).array());
    for (String argument : arguments) {
      if (argument.startsWith("-D")) setProperty(argument.substring(2));
      else if (argument.equals("--help")) {
        System.out.println("Usage: [start|stop|restart|version|debug PORT] [-Dname=value] [--cleanRegistry]");
        System.exit(0);
      }
    }
    String profile = profile();
    if (!Files.isDirectory(home.components().resolve(profile))) {
      MAIN.fatal("OSGi runtime " + profile + " profile not found", new RuntimeException(profile + " profile not found"));
      System.exit(1);
    }
    Server server = new Server(home, profile.equals("worker"));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutDown, "shutdown"));
    server.run();
  }

  /** The product's main turns `-Dx=y` behind the class name into a system property, a bare `-Dx` into "true". */
  private static void setProperty(String definition) {
    int equals = definition.indexOf('=');
    System.setProperty(equals < 0 ? definition : definition.substring(0, equals), equals < 0 ? "true" : definition.substring(equals + 1));
  }

  /** `-Dprofile` goes first; a worker needs its own profile among the components (K4416: Main.java). */
  private static String profile() {
    String given = System.getProperty("profile");
    return given != null ? given : Boolean.getBoolean("workerNode") ? "worker" : "default";
  }

  private static void openLog(Home home) throws IOException {
    Properties log4j = new Properties();
    Path file = home.conf().resolve("log4j.properties");
    if (Files.exists(file)) try (var in = Files.newInputStream(file)) { log4j.load(in); }
    Log.openIn(home.path().resolve("repository/logs"), log4j.getProperty("log4j.appender.CARBON_CONSOLE.layout.ConversionPattern", "[%d] %5p - %c{1} %m%n"),
        log4j.getProperty("log4j.appender.CARBON_LOGFILE.layout.ConversionPattern", "TID: [-1234] [] [%d] %5p {%c} -  %m {%c}%n"),
        log4j.getProperty("log4j.appender.ERROR_LOGFILE.File"));
  }

  private void run() throws IOException, InterruptedException {
    Element carbon = null;
    try {
      TomlMapper.render(home);
      Secrets.open(home);
      carbon = Xml.read(home.conf().resolve("carbon.xml"));
    } catch (StartupError error) {
      MAIN.fatal(error.getMessage(), error.getCause());
      System.exit(1);
    } catch (RuntimeException error) {
      MAIN.fatal("Error while performing configuration changes", error);
      System.exit(1);
    }
    try {
      start(carbon);
    } catch (StartupError | IOException | GeneralSecurityException | RuntimeException error) {
      // Half dead: the process stays, without a started line and with nothing that serves.
      ACTIVATOR.error(error.getMessage(), error);
      if (listeners != null) listeners.stop();
    }
    waitForTheEnd();
  }

  private void start(Element carbon) throws StartupError, IOException, GeneralSecurityException, InterruptedException {
    Files.createDirectories(home.path().resolve("tmp"));
    name = Xml.text(carbon, "Name", name);
    ACTIVATOR.info("Starting WSO2 Carbon...");
    ACTIVATOR.info("Operating System : " + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", " + System.getProperty("os.arch"));
    ACTIVATOR.info("Java Home        : " + System.getProperty("standin.java.home", System.getProperty("java.home")));
    ACTIVATOR.info("Carbon Home      : " + home.path());
    if (faults.has("no_start")) return;
    Thread.sleep(faults.number("slow_start") * 1000);
    Transports transports = new Transports(home, carbon);
    transports.checkKeys();
    Databases databases = new Databases(home);
    databases.read("master-datasources.xml");
    ProcessEngine engine = ProcessEngine.of(home, databases);
    Registry registry = new Registry(home, databases);
    Users users = new Users(home, databases);
    databases.openAll();
    if (Boolean.getBoolean("setup")) {
      databases.setUp(users.datasource(), Users.PROBE);
      databases.setUp(registry.primary(), Registry.PROBE);
    }
    users.open();
    registry.open();
    if (engine != null) engine.open();
    membership = Membership.join(transports.axis2, faults);
    Proxies proxies = new Proxies(home);
    listeners = new Listeners(transports, proxies, faults.has("port_busy"));
    ACTIVATOR.info("Repository       : " + home.deployment() + "/");
    if (!faults.has("log_only")) listeners.bind(new Console(transports, users, worker, engine == null ? List.of() : ProcessEngine.APPLICATIONS));
    ACTIVATOR.info("HTTPS port       : " + transports.servletPort(true));
    ACTIVATOR.info("HTTP port        : " + transports.servletPort(false));
    keepDeploying(proxies, Synchroniser.of(home, carbon), Long.parseLong(Xml.text(carbon, "Axis2Config/DeploymentUpdateInterval", "15")));
    listeners.start();
    STARTUP.info("Server           :  " + name + "-" + Xml.text(carbon, "Version", ""));
    STARTUP.info("WSO2 Carbon started in " + (System.currentTimeMillis() - begun) / 1000 + " sec");
    if (!worker) CONSOLE.info("Mgt Console URL  : https://" + transports.consoleHost() + ":" + transports.announcedPort() + "/carbon/");
    crashLater();
  }

  /** Hot deployment, with the synchroniser before each round; the first round belongs to the start. */
  private void keepDeploying(Proxies proxies, Synchroniser synchroniser, long seconds) {
    Runnable round = () -> {
      if (synchroniser != null) synchroniser.round();
      proxies.scan();
    };
    round.run();
    Thread thread = new Thread(() -> {
      try {
        while (!ended) {
          Thread.sleep(seconds * 1000);
          round.run();
        }
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }, "deployment");
    thread.setDaemon(true);
    thread.start();
  }

  private void crashLater() {
    if (!faults.has("crash_after")) return;
    Thread crash = new Thread(() -> {
      try {
        Thread.sleep(faults.number("crash_after") * 1000);
      } catch (InterruptedException stop) {
        return;
      }
      Runtime.getRuntime().halt(1);
    });
    crash.setDaemon(true);
    crash.start();
  }

  private void waitForTheEnd() throws IOException, InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    boolean restart = faults.once("exit121_once");
    while (!restart && !never.await(500, TimeUnit.MILLISECONDS)) restart = faults.restartAsked();
    System.exit(RESTART);
  }

  /** Runs at TERM; the JVM then ends with 143 by itself. */
  private void shutDown() {
    if (faults.has("hang_stop")) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException never) {
        Thread.currentThread().interrupt();
      }
    }
    ended = true;
    MANAGER.info("Shutdown hook triggered....");
    MANAGER.info("Gracefully shutting down " + name + "...");
    if (listeners != null) listeners.stop();
    MANAGER.info("Stopped all transport listeners");
    MANAGER.info("Waiting for server task completion...");
    MANAGER.info("Waiting for deployment completion...");
    MANAGER.info("Shutting down " + name + "...");
    if (membership != null) membership.leave();
    MANAGER.info("Shutting down OSGi framework...");
    MANAGER.info("Shutdown complete");
    MANAGER.info("Halting JVM");
  }
}
