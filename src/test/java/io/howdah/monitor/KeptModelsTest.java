package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class KeptModelsTest {
  private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

  @Test
  void every_bean_looks_as_camels_own_assembler_makes_it() throws Exception {
    try (CamelContext usual = context("usual", false);
        CamelContext kept = context("kept", true)) {
      Set<String> expected = looks(usual);
      assertThat(expected).hasSizeGreaterThan(500);
      Set<String> found = looks(kept);
      assertThat(without(found, expected))
          .allMatch(look -> look.startsWith("services KeptModels "));
      assertThat(without(expected, found)).isEmpty();
    }
  }

  @Test
  void two_steps_of_one_kind_count_for_themselves() throws Exception {
    try (CamelContext camel = context("counting", true)) {
      MockEndpoint out = camel.getEndpoint("mock:out", MockEndpoint.class);
      out.expectedMessageCount(3);
      for (int i = 0; i < 3; i++) {
        camel.createProducerTemplate().sendBody("direct:in", i);
      }
      out.assertIsSatisfied();
      assertThat(attribute(camel, "processors", "often", "ExchangesTotal")).isEqualTo(3L);
      assertThat(attribute(camel, "processors", "never", "ExchangesTotal")).isEqualTo(0L);
    }
  }

  @Test
  void a_password_in_an_endpoint_stays_hidden() throws Exception {
    try (CamelContext camel = context("masking", true)) {
      List<String> uris = new ArrayList<>();
      for (ObjectName name : SERVER.queryNames(pattern(camel), null)) {
        if (name.getKeyProperty("type").equals("endpoints")) {
          uris.add((String) SERVER.getAttribute(name, "EndpointUri"));
        }
      }
      assertThat(uris).anyMatch(uri -> uri.contains("password=xxxxxx"));
      assertThat(uris).noneMatch(uri -> uri.contains("hunter2"));
    }
  }

  @Test
  void an_endpoint_shows_attributes_of_its_own_beside_those_of_every_endpoint() throws Exception {
    try (CamelContext camel = context("own", true)) {
      assertThat(attribute(camel, "endpoints", "seda://other?size=7", "Size")).isEqualTo(7);
      assertThat(attribute(camel, "endpoints", "seda://other?size=7", "State"))
          .isEqualTo("Started");
    }
  }

  private static Set<String> without(Set<String> all, Set<String> some) {
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  private static Object attribute(CamelContext camel, String type, String id, String attribute)
      throws Exception {
    ObjectName name =
        SERVER
            .queryNames(
                new ObjectName(
                    pattern(camel).toString() + ",type=" + type + ",name=" + ObjectName.quote(id)),
                null)
            .iterator()
            .next();
    return SERVER.getAttribute(name, attribute);
  }

  private static ObjectName pattern(CamelContext camel) throws Exception {
    return new ObjectName("org.apache.camel:context=" + camel.getName() + ",*");
  }

  /** Every attribute and operation of every bean, but for the context's own name. */
  private static Set<String> looks(CamelContext camel) throws Exception {
    Set<String> looks = new TreeSet<>();
    for (ObjectName name : SERVER.queryNames(pattern(camel), null)) {
      String bean =
          name.getKeyProperty("type")
              + " "
              + name.getKeyProperty("name")
                  .replace(camel.getName(), "")
                  .replaceAll("0x[0-9a-f]+", "");
      MBeanInfo info = SERVER.getMBeanInfo(name);
      looks.add(bean + " " + info.getDescription() + " " + info.getDescriptor());
      Stream.of(info.getAttributes()).forEach(attribute -> looks.add(bean + " " + attribute));
      Stream.of(info.getOperations()).forEach(operation -> looks.add(bean + " " + operation));
    }
    return looks;
  }

  private static CamelContext context(String name, boolean kept) throws Exception {
    DefaultCamelContext camel = new DefaultCamelContext();
    camel.getCamelContextExtension().setName(name);
    if (kept) {
      camel.getCamelContextExtension().setManagementMBeanAssembler(new KeptModels(camel));
    }
    camel.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("direct:in").routeId("in").log("in").id("often").to("mock:out").id("out");
            from("seda:other?size=7")
                .routeId("other")
                .log("other")
                .id("never")
                .to("stub:ftp://scott@host?password=hunter2")
                .id("elsewhere");
          }
        });
    camel.start();
    return camel;
  }
}
