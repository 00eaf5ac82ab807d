package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationFactory;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A71: whatever an event holds, it is one line of bounded length. */
class LogLayoutTest {
  private static final String HOSTILE = "a\r\n2026-01-01T00:00:00.000Z INFO  forged\u001b[2J";

  @TempDir Path directory;
  private final LoggerContext context = new LoggerContext("layouts");

  @BeforeEach
  void name() {
    System.setProperty("demo.log", directory.resolve("demo.log").toString());
  }

  @AfterEach
  void forget() {
    context.stop();
    System.clearProperty("demo.log");
  }

  private Configuration started(String file) throws Exception {
    URI uri = LogLayoutTest.class.getResource("/" + file).toURI();
    Configuration configuration =
        ConfigurationFactory.getInstance().getConfiguration(context, file, uri);
    context.start(configuration);
    return configuration;
  }

  private String line(String file, Throwable thrown, String message) throws Exception {
    Configuration configuration = started(file);
    Appender appender = configuration.getAppenders().values().iterator().next();
    byte[] bytes =
        appender
            .getLayout()
            .toByteArray(
                Log4jLogEvent.newBuilder()
                    .setLoggerName("io.howdah.Stage")
                    .setLevel(Level.ERROR)
                    .setMessage(new SimpleMessage(message))
                    .setThrown(thrown)
                    .build());
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"log4j2.xml", "log4j2-demo.xml", "log4j2-command.xml"})
  void an_event_is_one_line_with_the_exception_that_it_carries(String file) throws Exception {
    String line =
        line(file, new IllegalStateException("it broke " + HOSTILE), "failed study=1 " + HOSTILE);
    assertThat(line).endsWith("\n").contains("failed study=1", "IllegalStateException", "it broke");
    assertThat(line.strip()).doesNotContainPattern("\\p{Cntrl}");
    assertThat(line(file, null, "archived study=1").strip()).endsWith("archived study=1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"log4j2.xml", "log4j2-demo.xml", "log4j2-command.xml"})
  void an_exception_without_a_message_says_what_it_is_and_where(String file) throws Exception {
    assertThat(line(file, new NullPointerException(), "failed study=1"))
        .contains("NullPointerException | at io.howdah.cli.LogLayoutTest", "LogLayoutTest.java");
  }

  @ParameterizedTest
  @ValueSource(strings = {"log4j2.xml", "log4j2-demo.xml", "log4j2-command.xml"})
  void no_line_is_longer_than_4_kb_whatever_it_was_to_hold(String file) throws Exception {
    String huge = "x".repeat(1_000_000);
    assertThat(line(file, new IllegalStateException(huge), huge)).hasSizeLessThan(4_200);
    assertThat(line(file, new IllegalStateException(huge), "short")).hasSizeLessThan(4_200);
  }

  @Test
  void listeners_of_a_redis_that_is_away_do_not_fill_the_log() throws Exception {
    Configuration configuration = started("log4j2.xml");
    List<LogEvent> events = new ArrayList<>();
    Appender list =
        new AbstractAppender("list", null, null, false, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            events.add(event);
          }
        };
    list.start();
    configuration.getRootLogger().addAppender(list, Level.ALL, null);
    configuration.getRootLogger().removeAppender("out");
    String listener = "org.springframework.data.redis.listener.RedisMessageListenerContainer";
    for (int i = 0; i < 1_000; i++) {
      context.getLogger(listener).error("Connection failure occurred");
      context.getLogger("io.howdah.events.Backlog").warn("events wait");
    }
    assertThat(events.stream().filter(event -> event.getLoggerName().equals(listener)))
        .hasSizeBetween(1, 10);
    assertThat(events.stream().filter(event -> !event.getLoggerName().equals(listener)))
        .hasSize(1_000);
  }
}
