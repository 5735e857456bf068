import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.Ruler;

/** Reads lines like {"rule": "{…}", "event": "{…}"}. For each line, prints true, false, or "refused: <reason>". */
public final class MatchRules {
  public static void main(String[] arguments) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream output = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      JsonNode pair = mapper.readTree(line);
      output.println(verdict(pair.get("event").asText(), pair.get("rule").asText()));
    }
    output.flush();
  }

  private static String verdict(String event, String rule) {
    try {
      return String.valueOf(Ruler.matchesRule(event, rule));
    } catch (Exception error) {
      return "refused: " + String.valueOf(error.getMessage()).split("\n")[0];
    }
  }
}
