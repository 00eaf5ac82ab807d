package io.howdah.monitor;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.modelmbean.InvalidTargetObjectTypeException;
import javax.management.modelmbean.ModelMBean;
import javax.management.modelmbean.ModelMBeanInfo;
import javax.management.modelmbean.RequiredModelMBean;
import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedInstance;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.api.management.NotificationSenderAware;
import org.apache.camel.spi.ManagementMBeanAssembler;
import org.apache.camel.support.management.MBeanInfoAssembler;
import org.apache.camel.support.management.MixinRequiredModelMBean;
import org.apache.camel.support.management.NotificationSenderAdapter;
import org.apache.camel.support.service.ServiceSupport;

/**
 * Makes the MBeans that Camel's own assembler makes, reading the annotations of a class once.
 * Camel's reads them for each of the six hundred steps and endpoints, which was a sixth of a start.
 * Safe for use by many threads.
 */
final class KeptModels extends ServiceSupport implements ManagementMBeanAssembler {
  private final CamelContext context;
  private final MBeanInfoAssembler assembler;
  private final Map<Kind, Optional<ModelMBeanInfo>> kept = new ConcurrentHashMap<>();

  /**
   * What decides how an MBean looks.
   *
   * @param own the class of what brings annotations of its own; null where Camel's are all
   */
  private record Kind(Class<?> managed, Class<?> own) {}

  KeptModels(CamelContext context) {
    this.context = context;
    this.assembler = new MBeanInfoAssembler(context);
  }

  @Override
  public ModelMBean assemble(MBeanServer server, Object managed, ObjectName name)
      throws JMException {
    Optional<ModelMBeanInfo> camels = model(managed, null, name);
    Object own = own(managed);
    Optional<ModelMBeanInfo> model = own == null ? camels : model(managed, own, name);
    if (model.isEmpty()) {
      return null;
    }
    boolean mask =
        Boolean.TRUE.equals(context.getManagementStrategy().getManagementAgent().getMask());
    if (own == null) {
      return of(managed, new MixinRequiredModelMBean(model.get(), mask, null, null));
    }
    RequiredModelMBean usual = null;
    if (camels.isPresent()) {
      usual = new RequiredModelMBean(camels.get());
      resource(usual, managed);
    }
    return of(own, new MixinRequiredModelMBean(model.get(), mask, camels.orElse(null), usual));
  }

  private Optional<ModelMBeanInfo> model(Object managed, Object own, ObjectName name)
      throws JMException {
    Kind kind = new Kind(managed.getClass(), own == null ? null : own.getClass());
    Optional<ModelMBeanInfo> model = kept.get(kind);
    if (model == null) {
      model = Optional.ofNullable(assembler.getMBeanInfo(context, managed, own, name.toString()));
      kept.put(kind, model);
    }
    return model;
  }

  /** An endpoint, component or processor that brings attributes of its own, or null. */
  private static Object own(Object managed) {
    Object wrapped = managed instanceof ManagedInstance wrapper ? wrapper.getInstance() : null;
    return wrapped != null && wrapped.getClass().isAnnotationPresent(ManagedResource.class)
        ? wrapped
        : null;
  }

  private static ModelMBean of(Object resource, RequiredModelMBean bean) throws JMException {
    resource(bean, resource);
    if (resource instanceof NotificationSenderAware sender) {
      sender.setNotificationSender(new NotificationSenderAdapter(bean));
    }
    return bean;
  }

  private static void resource(RequiredModelMBean bean, Object resource) throws JMException {
    try {
      bean.setManagedResource(resource, "ObjectReference");
    } catch (InvalidTargetObjectTypeException e) {
      throw new JMException(e.getMessage());
    }
  }

  @Override
  protected void doStart() {
    assembler.start();
  }

  @Override
  protected void doStop() {
    assembler.stop();
    kept.clear();
  }
}
