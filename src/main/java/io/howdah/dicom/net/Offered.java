package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.util.Optional;

/** The services a listener offers beside C-ECHO. */
public record Offered(
    Optional<StoreSink> store,
    Optional<ProcedureSteps> procedureSteps,
    Optional<OpenCommitments> commitments) {
  /** C-STORE only. */
  public static Offered storage(StoreSink sink) {
    return new Offered(Optional.of(sink), Optional.empty(), Optional.empty());
  }

  /** The answer to one proposal; the proposer's order of transfer syntaxes decides. */
  ContextResult answer(PresentationContext proposed, boolean unknownToo) {
    String service = proposed.abstractSyntax();
    boolean known = Services.isStorage(service);
    boolean small =
        service.equals(Uids.Verification)
            || service.equals(Uids.StorageCommitmentPushModel) && commitments.isPresent()
            || service.equals(Uids.ModalityPerformedProcedureStep) && procedureSteps.isPresent();
    boolean stored = store.isPresent() && (known || unknownToo && !Services.isOther(service));
    if (!small && !stored) {
      return new ContextResult(
          proposed.id(),
          ContextResult.ABSTRACT_SYNTAX_NOT_SUPPORTED,
          proposed.transferSyntaxes().get(0));
    }
    for (String each : proposed.transferSyntaxes()) {
      if (small ? takesSmall(service, each) : unknownToo || Services.isStorageSyntax(each)) {
        return new ContextResult(proposed.id(), ContextResult.ACCEPTED, each);
      }
    }
    return new ContextResult(
        proposed.id(),
        ContextResult.TRANSFER_SYNTAXES_NOT_SUPPORTED,
        proposed.transferSyntaxes().get(0));
  }

  private static boolean takesSmall(String service, String transferSyntax) {
    return transferSyntax.equals(Uids.ImplicitVRLittleEndian)
        || transferSyntax.equals(Uids.ExplicitVRLittleEndian)
            && !service.equals(Uids.StorageCommitmentPushModel);
  }
}
