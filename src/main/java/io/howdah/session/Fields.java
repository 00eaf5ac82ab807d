package io.howdah.session;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.http.Answer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The fields of a request, and all that is wrong with them (contracts §2: 400 {@code
 * {"field":["…"]}}).
 */
final class Fields {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final ObjectNode values;
  private final ObjectNode complaints = JsonNodeFactory.instance.objectNode();

  Fields(ObjectNode values) {
    this.values = values;
  }

  /**
   * Reads a body.
   *
   * @return empty when it is no JSON object; an empty body has no fields
   */
  static Optional<Fields> of(String body) {
    if (body == null || body.isBlank()) {
      return Optional.of(new Fields(JsonNodeFactory.instance.objectNode()));
    }
    return parsed(body).filter(JsonNode::isObject).map(node -> new Fields((ObjectNode) node));
  }

  private static Optional<JsonNode> parsed(String text) {
    try {
      return Optional.ofNullable(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  static Answer unreadable() {
    return Answer.json(
        400,
        JsonNodeFactory.instance
            .objectNode()
            .put("detail", "JSON parse error - the body must be one JSON object."));
  }

  boolean areWrong() {
    return !complaints.isEmpty();
  }

  Answer answer() {
    return Answer.json(400, complaints);
  }

  void complain(String field, String sentence) {
    ((ArrayNode) complaints.withArray("/" + field)).add(sentence);
  }

  private JsonNode value(String field, boolean required) {
    JsonNode value = values.path(field);
    if (value.isMissingNode()) {
      if (required) {
        complain(field, "This field is required.");
      }
      return value;
    }
    if (value.isNull()) {
      complain(field, "This field may not be null.");
      return values.path("\0"); // as if it were missing
    }
    return value;
  }

  Optional<Long> whole(String field, boolean required, long least, long most) {
    JsonNode value = value(field, required);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    BigInteger number;
    if (value.isIntegralNumber()) {
      number = value.bigIntegerValue();
    } else if (value.isTextual() && value.textValue().strip().matches("[+-]?\\d{1,30}")) {
      number = new BigInteger(value.textValue().strip());
    } else {
      complain(field, "A valid integer is required.");
      return Optional.empty();
    }
    if (number.compareTo(BigInteger.valueOf(least)) < 0) {
      complain(field, "Ensure this value is greater than or equal to " + least + ".");
      return Optional.empty();
    }
    if (number.compareTo(BigInteger.valueOf(most)) > 0) {
      complain(field, "Ensure this value is less than or equal to " + most + ".");
      return Optional.empty();
    }
    return Optional.of(number.longValueExact());
  }

  Optional<String> text(String field, boolean required, int longest) {
    JsonNode value = value(field, required);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      complain(field, "Not a valid string.");
      return Optional.empty();
    }
    String text = value.textValue();
    if (text.isBlank()) {
      complain(field, "This field may not be blank.");
    } else if (text.length() > longest) {
      complain(field, "Ensure this field has no more than " + longest + " characters.");
    } else if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)
        || text.chars().anyMatch(Character::isISOControl)) {
      complain(field, "Control characters are not allowed.");
    } else {
      return Optional.of(text);
    }
    return Optional.empty();
  }

  /** A JSON object, or the text of one as a form has it. */
  Optional<ObjectNode> object(String field, int most) {
    JsonNode value = value(field, false);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (value.isTextual()) {
      value = parsed(value.textValue()).orElse(value);
    }
    if (!(value instanceof ObjectNode object)) {
      complain(field, "Value must be a JSON object.");
      return Optional.empty();
    }
    if (object.toString().getBytes(StandardCharsets.UTF_8).length > most) {
      complain(field, "Ensure this object has no more than " + most + " bytes as JSON.");
      return Optional.empty();
    }
    return Optional.of(object);
  }
}
