package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The socket below an association. */
class TransportTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void small_messages_leave_at_once_or_are_gathered_as_its_owner_says(boolean noDelay)
      throws Exception {
    try (ServerSocketChannel listener =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      try (SocketChannel calling = SocketChannel.open(listener.getLocalAddress());
          SocketChannel called = listener.accept();
          Transport ours = Transport.accepted(calling, noDelay);
          Transport theirs = Transport.accepted(called, !noDelay)) {
        assertThat(calling.getOption(StandardSocketOptions.TCP_NODELAY)).isEqualTo(noDelay);
        assertThat(called.getOption(StandardSocketOptions.TCP_NODELAY)).isEqualTo(!noDelay);
        assertThat(ours.remote()).isEqualTo(called.getLocalAddress());
        assertThat(theirs.remote()).isEqualTo(calling.getLocalAddress());
      }
    }
  }
}
