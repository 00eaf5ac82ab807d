package io.howdah.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.events.Outbox;
import io.howdah.status.Studies;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

/** The one argument in housekeeping that comes from a setting gets to the bean as what it is. */
class HousekeepingRouteTest {
  @Test
  void sent_events_are_forgotten_after_the_time_of_the_setting() throws Exception {
    List<Object> asked = new CopyOnWriteArrayList<>();
    Outbox outbox =
        (Outbox)
            Proxy.newProxyInstance(
                Outbox.class.getClassLoader(),
                new Class<?>[] {Outbox.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("forget")) {
                    asked.add(arguments[0]);
                    return 0;
                  }
                  return method.getName().equals("toString") ? "outbox" : null;
                });
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      context
          .getPropertiesComponent()
          .addInitialProperty("howdah.events.retention-iso", Duration.ofDays(1).toString());
      context.getPropertiesComponent().addInitialProperty("howdah.work.lease-renewal", "10000");
      context.getRegistry().bind("outbox", Outbox.class, outbox);
      context
          .getRegistry()
          .bind(
              "studies",
              Studies.class,
              Proxy.newProxyInstance(
                  Studies.class.getClassLoader(),
                  new Class<?>[] {Studies.class},
                  (proxy, method, arguments) -> null));
      for (String name : List.of("errors", "housekeeping")) {
        PluginHelper.getRoutesLoader(context)
            .loadRoutes(
                ResourceHelper.resolveResource(
                    context, "classpath:routes/" + name + ".camel.yaml"));
      }
      AdviceWith.adviceWith(
          context, "housekeeping-outbox", route -> route.replaceFromWith("direct:now"));
      context.start();
      try (var template = context.createProducerTemplate()) {
        template.sendBody("direct:now", "");
      }
      assertThat(asked).containsExactly(Duration.ofDays(1));
    }
  }
}
