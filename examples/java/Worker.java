import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A worker with a workflow that a route starts, and a workflow that a route signals. */
public final class Worker {
  /** The input of the route order-placed. */
  public record Placed(long order, long total) {}

  /** The input of the route order-changed. */
  public record Status(String status) {}

  /** The argument of the signal that the route order-changed sends. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Changed(Map<String, Object> event, Status input) {}

  /** A route starts this workflow. Its argument is the route's input. */
  @WorkflowInterface
  public interface HandleOrder {
    @WorkflowMethod(name = "handleOrder")
    String run(Placed placed);
  }

  public static final class HandleOrderImpl implements HandleOrder {
    @Override
    public String run(Placed placed) {
      return "order " + placed.order() + ": total " + placed.total();
    }
  }

  /** A route signals this workflow for every change of an order. */
  @WorkflowInterface
  public interface TrackOrder {
    @WorkflowMethod(name = "trackOrder")
    List<String> run(Status first);

    @SignalMethod(name = "changed")
    void changed(Changed change);
  }

  public static final class TrackOrderImpl implements TrackOrder {
    private final List<String> statuses = new ArrayList<>();

    @Override
    public List<String> run(Status first) {
      Workflow.await(() -> statuses.contains("delivered"));
      return statuses;
    }

    @Override
    public void changed(Changed change) {
      statuses.add(change.input().status());
    }
  }

  public static void main(String[] arguments) {
    String address = System.getenv().getOrDefault("TEMPORAL_ADDRESS", "localhost:7233");
    WorkflowServiceStubs service =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(address).build());
    WorkerFactory factory = WorkerFactory.newInstance(WorkflowClient.newInstance(service));
    factory
        .newWorker("orders")
        .registerWorkflowImplementationTypes(HandleOrderImpl.class, TrackOrderImpl.class);
    factory.start();
  }
}
