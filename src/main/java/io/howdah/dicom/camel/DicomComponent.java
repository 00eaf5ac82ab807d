package io.howdah.dicom.camel;

import java.util.Arrays;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.HealthCheckComponent;

/** The {@code dicom:} component. */
@Component("dicom")
public class DicomComponent extends HealthCheckComponent {
  @Metadata(
      label = "producer",
      defaultValue = "HOWDAH",
      description = "What we call ourselves where an endpoint does not say")
  private String callingAeTitle = "HOWDAH";

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
      throws Exception {
    DicomEndpoint endpoint = new DicomEndpoint(uri, this);
    endpoint.setOperation(
        Arrays.stream(DicomOperation.values())
            .filter(each -> each.name().equals(remaining))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "dicom:"
                            + remaining
                            + " is no operation; there are "
                            + Arrays.toString(DicomOperation.values()))));
    endpoint.getCalling().setCallingAeTitle(callingAeTitle);
    setProperties(endpoint, parameters);
    return endpoint;
  }

  public String getCallingAeTitle() {
    return callingAeTitle;
  }

  public void setCallingAeTitle(String callingAeTitle) {
    this.callingAeTitle = callingAeTitle;
  }
}
