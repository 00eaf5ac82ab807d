package io.howdah.dicom.camel;

import io.howdah.dicom.net.AssociationServer;
import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.OpenCommitments;
import io.howdah.dicom.net.PeerAddress;
import io.howdah.dicom.net.ServerSettings;
import io.howdah.dicom.net.StudySender;
import java.io.IOException;
import java.util.Optional;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/**
 * Send DICOM objects to other systems and receive theirs (DIMSE, PS3.7 and PS3.8).
 *
 * <p>{@code dicom:send}, {@code echo}, {@code find} and {@code commit} call a peer; {@code
 * dicom:server} lets peers call.
 */
@ManagedResource(description = "Managed DICOM endpoint")
@UriEndpoint(
    firstVersion = "0.1.0",
    scheme = "dicom",
    title = "DICOM",
    syntax = "dicom:operation",
    category = Category.HEALTH,
    headersClass = DicomConstants.class)
public class DicomEndpoint extends DefaultEndpoint implements EndpointServiceLocation {
  @UriPath(description = "What to do")
  @Metadata(required = true)
  private DicomOperation operation;

  @UriParam(
      description =
          "The peer's host; or, for a server, the address to listen on, every one by default")
  private String host;

  @UriParam(description = "The peer's port; or the port to listen on", defaultValue = "104")
  private int port = 104;

  @UriParam(
      defaultValue = "131072",
      description = "The longest P-DATA-TF body we say we take, 4096 to 1048576")
  private int maxPdu = AssociationSettings.DEFAULT.maxPdu();

  @UriParam(
      defaultValue = "16",
      description =
          "How many requests may be unanswered at once when both sides agree (asynchronous"
              + " operations window); 1 for none")
  private int window = AssociationSettings.DEFAULT.window();

  @UriParam(
      label = "advanced",
      defaultValue = "true",
      description =
          "Whether each message leaves at once (TCP_NODELAY). Off, the system gathers small packets"
              + " (Nagle's algorithm): fewer of them on a slow line, and up to 40 ms for each message")
  private boolean tcpNoDelay = true;

  @UriParam private DicomListening listening = new DicomListening();
  @UriParam private DicomCalling calling = new DicomCalling();
  @UriParam private DicomTimeouts timeouts = new DicomTimeouts();
  @UriParam private DicomTls security = new DicomTls();

  @UriParam(
      label = "advanced",
      description = "Keeps commitment requests and settles them; needed to believe any report")
  private OpenCommitments commitments;

  private final Traffic traffic = new Traffic();
  private PeerAddress peer;
  private volatile DicomConsumer consumer;

  public DicomEndpoint() {}

  DicomEndpoint(String uri, DicomComponent component) {
    super(uri, component);
  }

  @Override
  public Producer createProducer() throws Exception {
    if (operation == DicomOperation.server) {
      throw new IllegalArgumentException("dicom:server begins a route; to call a peer use send");
    }
    peer();
    return new DicomProducer(this);
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    if (operation != DicomOperation.server) {
      throw new IllegalArgumentException(
          "only dicom:server begins a route, not dicom:" + operation);
    }
    DicomConsumer made = new DicomConsumer(this, processor);
    configureConsumer(made);
    consumer = made;
    return made;
  }

  ServerSettings serverSettings() throws IOException {
    return listening.settings(
        host,
        port,
        maxPdu,
        window,
        tcpNoDelay,
        timeouts.deadlines(),
        security.listening(getCamelContext()));
  }

  /** Whom this endpoint calls, and as whom. */
  synchronized PeerAddress peer() throws IllegalArgumentException {
    if (peer == null) {
      if (host == null || calling.getCalledAeTitle() == null) {
        throw new IllegalArgumentException(
            "dicom:" + operation + " needs host, port and calledAeTitle");
      }
      try {
        peer =
            new PeerAddress(
                host,
                port,
                calling.getCalledAeTitle(),
                calling.getCallingAeTitle(),
                security.calling(getCamelContext()));
      } catch (IOException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
    return peer;
  }

  /** Calls the peer as this endpoint is set up. */
  public StudySender sender() {
    return new StudySender(
        peer(), calling.settings(maxPdu, window, tcpNoDelay, timeouts.deadlines()));
  }

  boolean isHealthCheckProducerEnabled() {
    return ((DicomComponent) getComponent()).isHealthCheckProducerEnabled();
  }

  Traffic traffic() {
    return traffic;
  }

  @ManagedAttribute(description = "Associations that came about")
  public long getAssociations() {
    return listener().map(AssociationServer::accepted).orElseGet(traffic::associations);
  }

  @ManagedAttribute(description = "Associations of peers in progress")
  public int getAssociationsOpen() {
    return listener().map(AssociationServer::associations).orElse(0);
  }

  @ManagedAttribute(description = "Connections and associations of peers beyond a limit")
  public long getTurnedAway() {
    return listener().map(AssociationServer::turnedAway).orElse(0L);
  }

  @ManagedAttribute(description = "The port listened on, 0 while there is none")
  public int getListeningPort() {
    return listener().map(AssociationServer::port).orElse(0);
  }

  private Optional<AssociationServer> listener() {
    return Optional.ofNullable(consumer).flatMap(DicomConsumer::server);
  }

  @ManagedAttribute(description = "Instances that were stored")
  public long getStored() {
    return traffic.stored();
  }

  @ManagedAttribute(description = "Instances that were not stored, or are not known to be")
  public long getNotStored() {
    return traffic.notStored();
  }

  @ManagedOperation(description = "Asks the peer whether it is there (C-ECHO)")
  public String echo() {
    return sender().echo().toString();
  }

  OpenCommitments openCommitments() {
    return commitments == null ? OpenCommitments.NONE : commitments;
  }

  @Override
  public String getServiceUrl() {
    return (host == null ? "0.0.0.0" : host) + ":" + port;
  }

  @Override
  public String getServiceProtocol() {
    return security.isTls() ? "dicom-tls" : "dicom";
  }

  public DicomOperation getOperation() {
    return operation;
  }

  public void setOperation(DicomOperation operation) {
    this.operation = operation;
  }

  public String getHost() {
    return host;
  }

  public void setHost(String host) {
    this.host = host;
  }

  public int getPort() {
    return port;
  }

  public void setPort(int port) {
    this.port = port;
  }

  public int getMaxPdu() {
    return maxPdu;
  }

  public void setMaxPdu(int maxPdu) {
    this.maxPdu = maxPdu;
  }

  public int getWindow() {
    return window;
  }

  public void setWindow(int window) {
    this.window = window;
  }

  public boolean isTcpNoDelay() {
    return tcpNoDelay;
  }

  public void setTcpNoDelay(boolean tcpNoDelay) {
    this.tcpNoDelay = tcpNoDelay;
  }

  public DicomListening getListening() {
    return listening;
  }

  public void setListening(DicomListening listening) {
    this.listening = listening;
  }

  public DicomCalling getCalling() {
    return calling;
  }

  public void setCalling(DicomCalling calling) {
    this.calling = calling;
  }

  public DicomTimeouts getTimeouts() {
    return timeouts;
  }

  public void setTimeouts(DicomTimeouts timeouts) {
    this.timeouts = timeouts;
  }

  public DicomTls getSecurity() {
    return security;
  }

  public void setSecurity(DicomTls security) {
    this.security = security;
  }

  public OpenCommitments getCommitments() {
    return commitments;
  }

  public void setCommitments(OpenCommitments commitments) {
    this.commitments = commitments;
  }
}
