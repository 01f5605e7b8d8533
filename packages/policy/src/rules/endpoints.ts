/**
 * Every endpoint of the agent has a verdict of its own: an endpoint without one would be an internal error of the
 * agent, and one that a later agent brings is refused that way.
 */
export const ENDPOINT_RULES: string = String.raw`package agent_policy

import future.keywords.contains
import future.keywords.every
import future.keywords.if
import future.keywords.in

# Refusals print the numbers of the conditions that do not hold, never values: the host reads what is printed.

# -- Endpoints that give the host nothing it does not have.

default DestroySandboxRequest := true
default GetOOMEventRequest := true
default GuestDetailsRequest := true
default OnlineCPUMemRequest := true
default RemoveStaleVirtiofsShareMountsRequest := true
default SignalProcessRequest := true
default StatsContainerRequest := true
default TtyWinResizeRequest := true
default WaitProcessRequest := true

# -- Endpoints with rules, further down.

default AddARPNeighborsRequest := false
default CopyFileRequest := false
default CreateContainerRequest := false
default CreateSandboxRequest := false
default ExecProcessRequest := false
default RemoveContainerRequest := false
default StartContainerRequest := false
default UpdateInterfaceRequest := false
default UpdateRoutesRequest := false

# -- Endpoints that a setting decides.

default ReadStreamRequest := false
default CloseStdinRequest := false
default WriteStreamRequest := false

ReadStreamRequest if policy_data.settings.logs == true

CloseStdinRequest if policy_data.settings.stdin == true

WriteStreamRequest if policy_data.settings.stdin == true

# -- Endpoints that are never allowed.

default AddSwapPathRequest := false
default AddSwapRequest := false
default GetDiagnosticDataRequest := false
default GetIPTablesRequest := false
default GetMetricsRequest := false
default ListInterfacesRequest := false
default ListRoutesRequest := false
default MemAgentCompactConfig := false
default MemAgentMemcgConfig := false
default MemHotplugByProbeRequest := false
default PauseContainerRequest := false
default ReseedRandomDevRequest := false
default ResizeVolumeRequest := false
default ResumeContainerRequest := false
default SetGuestDateTimeRequest := false
default SetIPTablesRequest := false
default SetPolicyRequest := false
default StartTracingRequest := false
default StopTracingRequest := false
default UpdateContainerRequest := false
default UpdateEphemeralMountsRequest := false
default VolumeStatsRequest := false

default AllowRequestsFailingPolicy := false
`
