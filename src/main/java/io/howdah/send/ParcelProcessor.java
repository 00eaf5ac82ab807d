package io.howdah.send;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Makes the message in which one instance leaves: the archived file, with what is known about it in
 * headers whose names begin with Camel, so that they stay here when it leaves over HTTP.
 */
public final class ParcelProcessor implements Processor {
  @Override
  public void process(Exchange exchange) {
    Sending sending = exchange.getVariable("sending", Sending.class);
    Parcel parcel = exchange.getVariable("parcel", Parcel.class);
    Message message = exchange.getMessage();
    message.removeHeaders("*");
    message.setHeader(Exchange.FILE_NAME, parcel.sopInstanceUid() + ".dcm");
    message.setHeader(Exchange.CONTENT_TYPE, "application/dicom");
    // the receiver may tell a repetition by it
    message.setHeader("Idempotency-Key", parcel.studyId());
    message.setHeader("CamelDicomStudyUid", sending.getBatch().studyUid());
    message.setHeader("CamelDicomSeriesUid", parcel.seriesUid());
    message.setHeader("CamelDicomSopInstanceUid", parcel.sopInstanceUid());
    message.setHeader("CamelDicomSopClassUid", parcel.sopClassUid());
    message.setHeader("CamelDicomTransferSyntaxUid", parcel.transferSyntaxUid());
    message.setBody(sending.file(parcel));
  }
}
