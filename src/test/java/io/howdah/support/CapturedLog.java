package io.howdah.support;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** The log lines of one package or class while it is open. */
public final class CapturedLog implements AutoCloseable {
  private final String name;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final AbstractAppender appender =
      new AbstractAppender("captured", null, null, false, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
          if (event.getLoggerName().startsWith(CapturedLog.this.name)) {
            lines.add(event.getMessage().getFormattedMessage());
          }
        }
      };

  /** Of the loggers whose names begin so. */
  public CapturedLog(String name) {
    this.name = name;
    appender.start();
    Configurator.setLevel(name, Level.INFO);
    root().addAppender(appender, Level.INFO, null);
  }

  private static LoggerConfig root() {
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    return context.getConfiguration().getRootLogger();
  }

  /** Those so far. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    root().removeAppender("captured");
    Configurator.setLevel(name, root().getLevel());
  }
}
