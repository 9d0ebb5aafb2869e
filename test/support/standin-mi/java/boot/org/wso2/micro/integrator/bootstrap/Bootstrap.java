package org.wso2.micro.integrator.bootstrap;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The main class the start script names. Like the product's own it is thin: it puts wso2/components/plugins, lib, dropins
 * on a class path of its own and hands over, so that a JDBC driver is found only if its jar lies in lib or dropins.
 */
public final class Bootstrap {
  private Bootstrap() { }

  public static void main(String[] arguments) throws Exception {
    String home = System.getProperty("carbon.home");
    if (home == null) {
      System.err.println("carbon.home is not set; start the server with bin/micro-integrator.sh");
      System.exit(1);
    }
    List<URL> jars = new ArrayList<>();
    for (String directory : List.of("wso2/components/plugins", "lib", "dropins")) addJars(new File(home, directory), jars);
    ClassLoader loader = new URLClassLoader(jars.toArray(new URL[0]), Bootstrap.class.getClassLoader());
    Thread.currentThread().setContextClassLoader(loader);
    loader.loadClass("standin.Server").getMethod("main", String[].class).invoke(null, (Object) arguments);
  }

  private static void addJars(File directory, List<URL> jars) throws MalformedURLException {
    File[] files = directory.listFiles((parent, name) -> name.endsWith(".jar"));
    if (files == null) return;
    Arrays.sort(files);
    for (File file : files) jars.add(file.toURI().toURL());
  }
}
