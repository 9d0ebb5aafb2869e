package standin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A node from its start to its end, in the order of the product: pid, configuration, coordination, listeners, the started line. */
public final class Server {
  private static final Log MAIN = Log.of("org.wso2.micro.integrator.server.Main");
  private static final Log FINALIZER = Log.of("org.wso2.micro.integrator.initializer.StartupFinalizer");
  private static final Log INITIALIZER = Log.of("org.wso2.micro.integrator.core.internal.CoreServerInitializer");
  /** The exit code at which the start script starts the JVM once more. */
  private static final int RESTART = 121;

  private final long begun = System.currentTimeMillis();
  private final Path home;
  private final Faults faults;
  private Listeners listeners;
  private Coordination coordination;

  private Server(Path home) throws IOException {
    this.home = home;
    this.faults = Faults.of(home);
  }

  public static void main(String[] arguments) throws Exception {
    for (String argument : arguments) if (argument.startsWith("-D")) setProperty(argument.substring(2));
    Path home = Path.of(System.getProperty("carbon.home")).toAbsolutePath().normalize();
    // The forms of wso2/micro-integrator v1.2.0: distribution/src/conf/log4j2.properties.
    Log.openIn(home.resolve("repository/logs"), "[%d] %5p {%c{1}} - %m%n", "[%d] %5p {%c} - %m%n", "wso2error.log");
    Files.writeString(home.resolve("wso2carbon.pid"), ProcessHandle.current().pid() + "\n");
    Server server = new Server(home);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutDown, "shutdown"));
    server.run();
  }

  /** The product's main turns `-Dx=y` behind the class name into a system property, a bare `-Dx` into "true". */
  private static void setProperty(String definition) {
    int equals = definition.indexOf('=');
    System.setProperty(equals < 0 ? definition : definition.substring(0, equals), equals < 0 ? "true" : definition.substring(equals + 1));
  }

  private void run() throws IOException, InterruptedException {
    Settings settings = null;
    try {
      settings = Settings.read(home);
    } catch (Settings.ConfigurationError error) {
      MAIN.error(error.getMessage());
      MAIN.fatal("Error while performing configuration changes", error.getCause());
      System.exit(1);
    }
    try {
      start(settings);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException error) {
      // Half dead, as the product: the process stays, without a started line and with nothing that serves.
      INITIALIZER.error(error.getMessage(), error);
      if (listeners != null) listeners.stop();
    }
    waitForTheEnd();
  }

  private void start(Settings settings) throws IOException, GeneralSecurityException, InterruptedException {
    MAIN.info("Starting WSO2 Micro Integrator...");
    MAIN.info("Java Home        : " + System.getProperty("java.home"));
    MAIN.info("Carbon Home      : " + home);
    if (faults.has("no_start")) return;
    Thread.sleep(faults.number("slow_start") * 1000);
    LocalTasks local = new LocalTasks(settings.nodeId());
    coordination = new Coordination(settings, faults, local);
    coordination.initialize();
    List<TaskDefinition> tasks = TaskDefinition.readAll(home);
    TlsKeys keys = new TlsKeys(settings);
    keys.checkTruststore();
    listeners = new Listeners(settings, faults.has("port_busy"));
    listeners.bind(keys.passThrough(), keys.management(), tasks);
    for (TaskDefinition task : tasks) coordination.deploy(task);
    listeners.start(false);
    FINALIZER.info(String.format(java.util.Locale.ROOT, "WSO2 Micro Integrator started in %.2f seconds", (System.currentTimeMillis() - begun) / 1000.0));
    listeners.start(true);
    crashLater();
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
    while (!restart && !never.await(500, java.util.concurrent.TimeUnit.MILLISECONDS)) restart = faults.restartAsked();
    MAIN.info("Restarting WSO2 Micro Integrator");
    System.exit(RESTART);
  }

  /** Runs at TERM; the JVM then ends with 143 by itself. The rows of this node stay: it leaves the cluster when its heartbeat expires. */
  private void shutDown() {
    if (faults.has("hang_stop")) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException never) {
        Thread.currentThread().interrupt();
      }
    }
    if (coordination != null) coordination.stop();
    if (listeners != null) listeners.stop();
    INITIALIZER.info("Micro Integrator Shutdown complete");
  }
}
