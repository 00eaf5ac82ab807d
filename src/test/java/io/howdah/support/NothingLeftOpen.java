package io.howdah.support;

import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.TreeSet;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that ends with more gateways or Camel contexts in this JVM than it began with,
 * as JMX knows them. Watches every class (META-INF/services), so that the one that forgot is named,
 * and not one that stumbles over it later.
 */
public final class NothingLeftOpen implements BeforeAllCallback, AfterAllCallback {
  private static final ExtensionContext.Namespace OURS =
      ExtensionContext.Namespace.create(NothingLeftOpen.class);

  @Override
  public void beforeAll(ExtensionContext context) throws JMException {
    context.getStore(OURS).put(context.getUniqueId(), open());
  }

  @Override
  public void afterAll(ExtensionContext context) throws JMException {
    Set<?> before = context.getStore(OURS).get(context.getUniqueId(), Set.class);
    Set<String> left = open();
    left.removeAll(before);
    if (!left.isEmpty()) {
      throw new AssertionError(
          context.getDisplayName() + " leaves open: " + String.join(", ", left));
    }
  }

  private static Set<String> open() throws JMException {
    Set<String> names = new TreeSet<>();
    for (String pattern : new String[] {"org.apache.camel:type=context,*", "io.howdah:*"}) {
      ManagementFactory.getPlatformMBeanServer()
          .queryNames(new ObjectName(pattern), null)
          .forEach(name -> names.add(name.toString()));
    }
    return names;
  }
}
