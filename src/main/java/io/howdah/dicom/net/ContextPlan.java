package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which contexts a set of instances needs: one for each (SOP class, transfer syntax) that really
 * occurs, because objects are sent as they are; more than 128 take several associations.
 */
final class ContextPlan {
  private record Kind(String sopClass, String transferSyntax) {}

  /** One association: what it proposes and what it carries. */
  record Part(List<PresentationContext> contexts, List<Instance> instances) {}

  private ContextPlan() {}

  /** In the order of the instances, which is kept within each part. */
  static List<Part> of(Iterable<Instance> instances) {
    Map<Kind, Integer> partOf = new LinkedHashMap<>();
    List<Set<Kind>> kinds = new ArrayList<>();
    List<List<Instance>> members = new ArrayList<>();
    for (Instance instance : instances) {
      Kind kind = new Kind(instance.sopClass(), instance.transferSyntax());
      int part = partOf.computeIfAbsent(kind, any -> (partOf.size()) / PresentationContext.MAX);
      if (part == kinds.size()) {
        kinds.add(new LinkedHashSet<>());
        members.add(new ArrayList<>());
      }
      kinds.get(part).add(kind);
      members.get(part).add(instance);
    }
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      parts.add(new Part(contexts(kinds.get(i)), members.get(i)));
    }
    return parts;
  }

  private static List<PresentationContext> contexts(Set<Kind> kinds) {
    List<PresentationContext> contexts = new ArrayList<>();
    for (Kind kind : kinds) {
      contexts.add(
          new PresentationContext(
              2 * contexts.size() + 1, kind.sopClass(), List.of(kind.transferSyntax())));
    }
    return contexts;
  }

  /** The one context of a service other than storage. */
  static List<PresentationContext> service(String sopClass) {
    return List.of(new PresentationContext(1, sopClass, List.of(Uids.ImplicitVRLittleEndian)));
  }
}
