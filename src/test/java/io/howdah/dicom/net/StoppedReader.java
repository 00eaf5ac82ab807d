package io.howdah.dicom.net;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;

/** An acceptor that takes an association and then reads nothing at all. */
final class StoppedReader implements AutoCloseable {
  private final ServerSocket listener;
  private volatile Socket socket;

  StoppedReader() throws IOException {
    listener = new ServerSocket();
    listener.setReceiveBufferSize(16 * 1024);
    listener.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread thread = new Thread(this::run, "stopped-reader");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  private void run() {
    try {
      socket = listener.accept();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      in.readShort();
      byte[] body = new byte[in.readInt()];
      in.readFully(body);
      Pdu.AssociateRequest request =
          (Pdu.AssociateRequest) PduDecoder.decode(Pdu.ASSOCIATE_RQ, ByteBuffer.wrap(body));
      ByteBuffer accept =
          PduEncoder.encode(
              new Pdu.AssociateAccept(
                  1,
                  request.calledAe(),
                  request.callingAe(),
                  request.applicationContext(),
                  request.contexts().stream()
                      .map(each -> new ContextResult(each.id(), 0, each.transferSyntaxes().get(0)))
                      .toList(),
                  new UserInformation(16384, "2.25.5", "STOPPED", false, 1, 1, List.of())));
      socket.getOutputStream().write(accept.array(), 0, accept.limit());
    } catch (IOException e) {
      // the test is over
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (socket != null) {
      socket.close();
    }
  }
}
