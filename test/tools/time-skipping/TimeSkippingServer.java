import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.internal.testservice.TestServicesStarter;
import java.net.InetSocketAddress;

/**
 * Temporal's own test server, on loopback only. It skips time only when a test asks it to.
 * Prints the port when it is ready. Ends when its standard input ends.
 */
public class TimeSkippingServer {
  public static void main(String[] arguments) throws Exception {
    boolean timeIsLocked = true;
    TestServicesStarter services = new TestServicesStarter(timeIsLocked, 0);
    NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0));
    services.getServices().forEach(builder::addService);
    Server server = builder.build().start();
    System.out.println(server.getPort());
    while (System.in.read() >= 0) {}
    server.shutdownNow();
    services.close();
    System.exit(0);
  }
}
