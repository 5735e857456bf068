import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Iterator;

/**
 * Sends events with CloudEvents' SDK for Java: JSON lines like {"attributes": {…}, "contentType": "…", "data": "base64"}
 * on standard input, in the mode that the second argument names, to the URL that the first argument names.
 */
public final class SendEvents {
  public static void main(String[] arguments) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      HttpURLConnection connection = (HttpURLConnection) new URL(arguments[0]).openConnection();
      connection.setRequestMethod("POST");
      connection.setDoOutput(true);
      MessageWriter<?, ?> writer =
          HttpMessageFactory.createWriter(
              connection::setRequestProperty,
              body -> {
                try {
                  connection.getOutputStream().write(body == null ? new byte[0] : body);
                } catch (java.io.IOException error) {
                  throw new UncheckedIOException(error);
                }
              });
      CloudEvent event = eventOf(mapper.readTree(line));
      if (arguments[1].equals("structured")) writer.writeStructured(event, new JsonFormat());
      else writer.writeBinary(event);
      System.out.println(connection.getResponseCode());
    }
  }

  private static CloudEvent eventOf(JsonNode line) {
    CloudEventBuilder builder = CloudEventBuilder.v1();
    JsonNode attributes = line.get("attributes");
    for (Iterator<String> names = attributes.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      String value = attributes.get(name).asText();
      switch (name) {
        case "id" -> builder.withId(value);
        case "source" -> builder.withSource(URI.create(value));
        case "type" -> builder.withType(value);
        case "subject" -> builder.withSubject(value);
        default -> builder.withExtension(name, value);
      }
    }
    if (line.hasNonNull("data"))
      builder.withData(line.get("contentType").asText(), Base64.getDecoder().decode(line.get("data").asText()));
    return builder.build();
  }
}
