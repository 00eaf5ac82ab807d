package io.howdah.hub;

import io.vertx.ext.web.RoutingContext;
import java.io.IOException;

/**
 * HEAD (tus 1.0, core): where an upload stands. Waits until nobody writes, so that the offset stays
 * true; beside a writer who is at work it tells what is durable so far.
 */
final class Look extends Visit {
  Look(TusConsumer hub, RoutingContext rc) {
    super(hub, rc);
  }

  @Override
  void arrived(HubUpload upload, UploadFile file) throws Exception {
    tell(upload, upload.state() == UploadState.OPEN ? file.offset() : 0);
  }

  @Override
  void late() throws Exception {
    HubUpload upload = find();
    tell(upload, file().durable());
  }

  private void tell(HubUpload upload, long durable) throws IOException, Refused {
    TusConsumer.mustBeLive(upload);
    boolean open = upload.state() == UploadState.OPEN;
    if (open && durable == upload.announced().length()) { // its row missed the end
      hub.received(uploadId);
      hub.ring(uploadId);
    }
    answer(hub.offset(200, upload, open ? durable : upload.announced().length()));
    leave();
  }
}
