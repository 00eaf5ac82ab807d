package io.howdah.hub;

import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** DELETE (tus 1.0, termination): a sender gives an unfinished upload up. */
final class Termination extends Visit {
  Termination(TusConsumer hub, RoutingContext rc) {
    super(hub, rc);
  }

  @Override
  void arrived(HubUpload upload, UploadFile file) throws Exception {
    TusConsumer.mustBeLive(upload);
    if (!hub.end(uploadId, UploadState.TERMINATED)) {
      throw new Refused(TusError.UPLOAD_ENDED);
    }
    answer(TusConsumer.bare(204, Map.of()));
    leave();
  }
}
