package standin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.w3c.dom.Element;

/**
 * The deployment synchroniser of carbon.xml: repository/deployment/server is a working copy of the Subversion repository, brought up to date and
 * committed on every round. The product does that with svnkit, so its jar must lie among the drop-ins; the stand-in calls the machine's svn.
 */
final class Synchroniser {
  private static final Log LOG = Log.of("org.wso2.carbon.deployment.synchronizer.subversion.SVNBasedArtifactRepository");
  private final Home home;
  private final Path directory;
  private final String url;
  private final String user;
  private final String password;
  private final boolean commits;
  private final boolean checksOut;
  private boolean broken;

  private Synchroniser(Home home, Element settings) {
    this.home = home;
    this.directory = home.deployment();
    String base = Xml.text(settings, "SvnUrl", "");
    // The super tenant's number, -1234, is appended.
    this.url = Xml.flag(settings, "SvnUrlAppendTenantId") ? base.replaceFirst("/*$", "/") + "-1234" : base;
    this.user = Xml.text(settings, "SvnUser", "");
    this.password = Xml.text(settings, "SvnPassword", "");
    this.commits = Xml.flag(settings, "AutoCommit");
    this.checksOut = Xml.flag(settings, "AutoCheckout");
  }

  /** null unless it is enabled and can work. */
  static Synchroniser of(Home home, Element carbon) throws IOException {
    Element settings = Xml.at(carbon, "DeploymentSynchronizer");
    if (!Xml.flag(settings, "Enabled")) return null;
    try (Stream<Path> jars = Files.list(home.dropins())) {
      if (jars.noneMatch(jar -> jar.getFileName().toString().matches("svnkit.*\\.jar"))) {
        LOG.error("Deployment synchronizer of type svn is not available: there is no svnkit jar in " + home.dropins());
        return null;
      }
    }
    return new Synchroniser(home, settings);
  }

  /** One round; a failure is told once, until a round succeeds. */
  synchronized void round() {
    try {
      boolean begun = Files.isDirectory(directory.resolve(".svn"));
      if (!begun) begin();
      // What was taken away here is said before the update, which would bring it back.
      if (commits) gather();
      if (begun && checksOut) svn(List.of("update", "--accept", "theirs-conflict", directory.toString()));
      if (commits) commit();
      broken = false;
    } catch (IOException error) {
      if (!broken) LOG.error("Deployment synchronization failed: " + error.getMessage(), error);
      broken = true;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Who commits takes what lies there into its working copy; who only checks out cannot, and files in the way stop it. */
  private void begin() throws IOException, InterruptedException {
    Files.createDirectories(directory);
    if (commits) {
      try {
        svn(List.of("info", url));
      } catch (IOException absent) {
        svn(List.of("mkdir", "--parents", "-m", "deployment of the super tenant", url));
      }
      svn(List.of("checkout", "--force", url, directory.toString()));
      return;
    }
    if (!checksOut) return;
    try (Stream<Path> present = Files.list(directory)) {
      if (present.findAny().isPresent()) throw new IOException(directory + " is not empty and no working copy of " + url);
    }
    svn(List.of("checkout", url, directory.toString()));
    LOG.info("Checked out " + url);
  }

  private void gather() throws IOException, InterruptedException {
    svn(List.of("add", "--force", "--quiet", directory.toString()));
    for (String line : svn(List.of("status", directory.toString())).split("\n")) {
      if (line.startsWith("!")) svn(List.of("delete", "--force", line.substring(8) + "@"));
    }
  }

  private void commit() throws IOException, InterruptedException {
    if (svn(List.of("status", "--quiet", directory.toString())).isBlank()) return;
    svn(List.of("commit", "-m", "commit of " + home.path(), directory.toString()));
    LOG.info("Committed to " + url);
  }

  /** The password goes in as input: arguments are seen by everybody on the machine. */
  private String svn(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("svn", "--non-interactive", "--no-auth-cache", "--config-dir", home.path().resolve("tmp/svn").toString(),
        "--username", user, "--password-from-stdin"));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write((password + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException unread) {
      // svn asked for no password
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) throw new IOException("svn " + arguments.get(0) + ": " + said.trim());
    return said;
  }
}
