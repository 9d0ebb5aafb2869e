package org.wso2.carbon.bootstrap;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The main class the start scripts name. It is thin: it puts the plugins, the directory for JDBC drivers and the drop-ins on a class path of
 * its own and hands over, so that a driver is found only if its jar lies where the product looks for it.
 */
public final class Bootstrap {
  private Bootstrap() { }

  public static void main(String[] arguments) throws Exception {
    String home = System.getProperty("carbon.home");
    if (home == null) {
      System.err.println("carbon.home is not set; start the server with its script");
      System.exit(1);
    }
    String components = System.getProperty("carbon.components.dir.path", home + "/repository/components");
    List<URL> jars = new ArrayList<>();
    addJars(components + "/plugins", jars);
    addJars(System.getProperty("carbon.external.lib.dir.path", components + "/lib"), jars);
    addJars(System.getProperty("carbon.dropins.dir.path", components + "/dropins"), jars);
    ClassLoader loader = new URLClassLoader(jars.toArray(new URL[0]), Bootstrap.class.getClassLoader());
    Thread.currentThread().setContextClassLoader(loader);
    loader.loadClass("standin.Server").getMethod("main", String[].class).invoke(null, (Object) arguments);
  }

  private static void addJars(String directory, List<URL> jars) throws MalformedURLException {
    File[] files = new File(directory).listFiles((parent, name) -> name.endsWith(".jar"));
    if (files == null) return;
    Arrays.sort(files);
    for (File file : files) jars.add(file.toURI().toURL());
  }
}
