package standin;

/** What keeps a server from ever saying that it has started. */
final class StartupError extends Exception {
  StartupError(String message) { super(message); }
  StartupError(String message, Throwable cause) { super(message, cause); }
}
