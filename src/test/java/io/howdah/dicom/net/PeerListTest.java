package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerListTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CT1@10.1.2.3,MR2@* | CT1 | 10.1.2.3 | true",
        "CT1@10.1.2.3,MR2@* | CT1 | 10.1.2.4 | false",
        "CT1@10.1.2.3,MR2@* | MR2 | 10.9.9.9 | true",
        "CT1@10.1.2.3,MR2@* | MR3 | 10.1.2.3 | false",
        "* | ANY | 1.2.3.4 | true",
        "*@10.2.0.0/16 | X | 10.2.200.1 | true",
        "*@10.2.0.0/16 | X | 10.3.0.1 | false",
        "CT 1@::1 | CT 1 | ::1 | true",
        "CT1@10.1.2.3 | CT1 | ::1 | false",
        "'' | CT1 | 10.1.2.3 | false"
      })
  void an_entry_allows_its_title_at_its_address(
      String list, String ae, String address, boolean allowed) throws UnknownHostException {
    assertThat(PeerList.parse(list).allows(ae, InetAddress.getByName(address))).isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"CT1", "@10.1.2.3", "CT1@host.example", "CT1@10.1.2.3/40", "A\\B@*", "CT1@1.2.3"})
  void what_cannot_be_read_is_refused_with_its_text(String entry) {
    assertThatThrownBy(() -> PeerList.parse("MR1@*," + entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(entry);
  }

  @Test
  void by_default_no_one_may_call() throws UnknownHostException {
    assertThat(PeerList.NONE.allows("CT1", InetAddress.getByName("127.0.0.1"))).isFalse();
  }
}
