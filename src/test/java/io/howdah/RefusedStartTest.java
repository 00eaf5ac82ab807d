package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.disk.StorageUnavailable;
import io.howdah.support.RunningGateway;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a part or a route cannot be had, everything that was made before it is let go. */
class RefusedStartTest {
  private static final String ROUTE =
      """
      - route:
          id: site-own
          from:
            uri: timer:site-own
            %s:
              - log: once
      """;

  @TempDir Path base;

  @AfterEach
  void nothing_is_left() throws JMException {
    assertThat(
            ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.apache.camel:type=context,*"), null))
        .isEmpty();
  }

  @Test
  void a_damaged_database_refuses_the_start_in_one_sentence_and_another_start_can_follow()
      throws Exception {
    Path database = base.resolve("data/howdah.db");
    Files.createDirectories(database.getParent());
    Files.writeString(database, "this is no database, however long it may be".repeat(100));

    assertThatThrownBy(() -> RunningGateway.start(base))
        .isInstanceOf(StorageUnavailable.class)
        .hasMessageContaining("is no SQLite database");

    Files.delete(database);
    RunningGateway.start(base).close();
  }

  @Test
  void a_route_that_makes_no_sense_refuses_the_start_and_another_start_can_follow()
      throws Exception {
    Path own = Files.createDirectories(base.resolve("config/routes")).resolve("own.camel.yaml");
    Files.writeString(own, ROUTE.formatted("stepz"));

    assertThatThrownBy(() -> RunningGateway.start(base))
        .isInstanceOf(RuntimeException.class)
        .hasStackTraceContaining("stepz");

    Files.writeString(own, ROUTE.formatted("steps"));
    RunningGateway.start(base).close();
  }

  @Test
  void a_damaged_database_and_a_route_that_makes_no_sense_are_both_let_go() throws Exception {
    Path database = base.resolve("data/howdah.db");
    Files.createDirectories(database.getParent());
    Files.writeString(database, "this is no database, however long it may be".repeat(100));
    Path own = Files.createDirectories(base.resolve("config/routes")).resolve("own.camel.yaml");
    Files.writeString(own, ROUTE.formatted("stepz"));

    assertThatThrownBy(() -> RunningGateway.start(base)).isInstanceOf(StorageUnavailable.class);
  }
}
