package io.howdah.dicom.camel;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;

/** Shows what goes over an endpoint among the site's metrics, where it keeps any. */
final class DicomMeters {
  private final MeterRegistry registry;
  private final DicomEndpoint endpoint;
  private final Tags tags;

  private DicomMeters(MeterRegistry registry, DicomEndpoint endpoint) {
    this.registry = registry;
    this.endpoint = endpoint;
    this.tags =
        Tags.of("operation", endpoint.getOperation().name(), "address", endpoint.getServiceUrl());
  }

  static void show(DicomEndpoint endpoint) {
    MeterRegistry registry =
        endpoint.getCamelContext().getRegistry().findSingleByType(MeterRegistry.class);
    if (registry == null) {
      return;
    }
    DicomMeters meters = new DicomMeters(registry, endpoint);
    meters.counter("associations", "associations that came about", DicomEndpoint::getAssociations);
    meters.counter("stored", "instances that were stored", DicomEndpoint::getStored);
    meters.counter(
        "not.stored",
        "instances that were not stored, or are not known to be",
        DicomEndpoint::getNotStored);
    if (endpoint.getOperation() == DicomOperation.server) {
      meters.counter(
          "turned.away",
          "connections and associations of peers beyond a limit",
          DicomEndpoint::getTurnedAway);
      Gauge.builder("howdah.dicom.open", endpoint, DicomEndpoint::getAssociationsOpen)
          .description("associations of peers in progress")
          .tags(meters.tags)
          .register(registry);
    }
  }

  private void counter(String name, String what, ToDoubleFunction<DicomEndpoint> value) {
    FunctionCounter.builder("howdah.dicom." + name, endpoint, value)
        .description(what)
        .tags(tags)
        .register(registry);
  }
}
