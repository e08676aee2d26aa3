/**
 * Providers of direct events that no service of homerun sends. A line is either "host | display name | folder of the
 * schema", or an event type's beginning, its verbs, and in parentheses the attributes that triggers may filter by.
 * Google: events.proto of each folder in github.com/googleapis/google-cloudevents, April 2026.
 */
export const DIRECT_EVENTS = `
alloydb | AlloyDB for PostgreSQL | cloud/alloydb/v1
  google.cloud.alloydb.cluster.v1 created updated deleted (cluster)
  google.cloud.alloydb.instance.v1 created updated deleted (cluster instance)
  google.cloud.alloydb.backup.v1 created updated deleted (backup)
apigateway | API Gateway | cloud/apigateway/v1
  google.cloud.apigateway.gateway.v1 created updated deleted (gateway)
  google.cloud.apigateway.api.v1 created updated deleted (api)
  google.cloud.apigateway.apiConfig.v1 created updated deleted (api apiconfig)
apigeeregistry | Apigee Registry | cloud/apigeeregistry/v1
  google.cloud.apigeeregistry.instance.v1 created deleted (instance)
  google.cloud.apigeeregistry.api.v1 created updated deleted (api)
  google.cloud.apigeeregistry.apiVersion.v1 created updated deleted (api version)
  google.cloud.apigeeregistry.apiSpec.v1 created updated deleted (api version spec)
  google.cloud.apigeeregistry.apiDeployment.v1 created updated deleted (api deployment)
apihub | API hub | cloud/apihub/v1
  google.cloud.apihub.api.v1 created updated deleted (api)
  google.cloud.apihub.version.v1 created updated deleted (api version)
  google.cloud.apihub.spec.v1 created updated deleted (api spec version)
  google.cloud.apihub.deployment.v1 created updated deleted (deployment)
  google.cloud.apihub.attribute.v1 created (attribute)
  google.cloud.apihub.externalApi.v1 created updated deleted (externalapi)
  google.cloud.apihub.dependency.v1 created updated deleted (dependency)
  google.cloud.apihub.hostProjectRegistration.v1 created (hostprojectregistration)
  google.cloud.apihub.apiHubInstance.v1 created (apihubinstance)
  google.cloud.apihub.runtimeProjectAttachment.v1 created deleted (runtimeprojectattachment)
batch | Batch | cloud/batch/v1
  google.cloud.batch.job.v1 created deleted (job)
beyondcorp | BeyondCorp | cloud/beyondcorp/appconnections/v1
  google.cloud.beyondcorp.appconnections.appConnection.v1 created updated deleted (appconnection)
beyondcorp | BeyondCorp | cloud/beyondcorp/appconnectors/v1
  google.cloud.beyondcorp.appconnectors.appConnector.v1 created updated deleted (appconnector)
beyondcorp | BeyondCorp | cloud/beyondcorp/appgateways/v1
  google.cloud.beyondcorp.appgateways.appGateway.v1 created deleted (appgateway)
certificatemanager | Certificate Manager | cloud/certificatemanager/v1
  google.cloud.certificatemanager.certificate.v1 created updated deleted (certificate)
  google.cloud.certificatemanager.certificateMap.v1 created updated deleted (certificatemap)
  google.cloud.certificatemanager.certificateMapEntry.v1 created updated deleted (certificatemap certificatemapentry)
  google.cloud.certificatemanager.dnsAuthorization.v1 created updated deleted (dnsauthorization)
  google.cloud.certificatemanager.certificateIssuanceConfig.v1 created deleted (certificateissuanceconfig)
cloudbuild | Cloud Build | cloud/cloudbuild/v1
  google.cloud.cloudbuild.build.v1 statusChanged ()
clouddeploy | Cloud Deploy | cloud/deploy/v1
  google.cloud.deploy.deliveryPipeline.v1 created updated deleted (deliverypipeline)
  google.cloud.deploy.target.v1 created updated deleted (target)
  google.cloud.deploy.customTargetType.v1 created updated deleted (customtargettype)
  google.cloud.deploy.release.v1 created (deliverypipeline release)
  google.cloud.deploy.rollout.v1 created (deliverypipeline release rollout)
  google.cloud.deploy.automation.v1 created updated deleted (automation deliverypipeline)
cloudfunctions | Cloud Functions | cloud/functions/v2
  google.cloud.functions.function.v2 created updated deleted (function)
cloudscheduler | Cloud Scheduler | cloud/scheduler/v1
  google.cloud.scheduler.job.v1 created updated deleted (job)
  google.cloud.scheduler.job.v1 executed ()
dataflow | Dataflow | cloud/dataflow/v1beta3
  google.cloud.dataflow.job.v1beta3 statusChanged (job)
datafusion | Cloud Data Fusion | cloud/datafusion/v1
  google.cloud.datafusion.instance.v1 created deleted updated (instance)
  google.cloud.datafusion.dnsPeering.v1 created deleted (instance dnspeering)
datamigration | Database Migration | cloud/clouddms/v1
  google.cloud.clouddms.migrationJob.v1 created updated deleted (migrationjob)
  google.cloud.clouddms.connectionProfile.v1 created updated deleted (connectionprofile)
dataplex | Cloud Dataplex | cloud/dataplex/v1
  google.cloud.dataplex.dataTaxonomy.v1 created updated deleted (datataxonomyid)
  google.cloud.dataplex.dataAttributeBinding.v1 created updated deleted (dataattributebindingid)
  google.cloud.dataplex.dataAttribute.v1 created updated deleted (datataxonomy dataattributeid)
  google.cloud.dataplex.dataScan.v1 created updated deleted (datascan)
  google.cloud.dataplex.lake.v1 created updated deleted (lake)
  google.cloud.dataplex.zone.v1 created updated deleted (lake zone)
  google.cloud.dataplex.asset.v1 created updated deleted (lake zone asset)
  google.cloud.dataplex.task.v1 created updated deleted (lake task)
  google.cloud.dataplex.environment.v1 created updated deleted (lake environment)
datastream | Datastream | cloud/datastream/v1
  google.cloud.datastream.connectionProfile.v1 created updated deleted (connectionprofile)
  google.cloud.datastream.stream.v1 created updated deleted (stream)
  google.cloud.datastream.privateConnection.v1 created deleted (privateconnection)
  google.cloud.datastream.route.v1 created deleted (privateconnection route)
eventarc | Eventarc | cloud/eventarc/v1
  google.cloud.eventarc.trigger.v1 created updated deleted (trigger)
  google.cloud.eventarc.channel.v1 created updated deleted (channel)
  google.cloud.eventarc.channelConnection.v1 created deleted (channelconnection)
  google.cloud.eventarc.messageBus.v1 created updated deleted (messagebus)
  google.cloud.eventarc.enrollment.v1 created updated deleted (enrollment)
  google.cloud.eventarc.pipeline.v1 created updated deleted (pipeline)
  google.cloud.eventarc.googleApiSource.v1 created updated deleted (googleapisource)
firebasedataconnect | Firebase Data Connect | firebase/dataconnect/v1
  google.firebase.dataconnect.service.v1 created updated deleted (service)
  google.firebase.dataconnect.schema.v1 created updated deleted (schema service)
  google.firebase.dataconnect.connector.v1 created updated deleted (connector service)
  google.firebase.dataconnect.connector.v1 mutationExecuted (connector service operation)
geminicloudassist | Gemini Cloud Assist | cloud/geminicloudassist/v1
  google.cloud.geminicloudassist.task.v1 completed (proactive)
gkebackup | Backup for GKE | cloud/gkebackup/v1
  google.cloud.gkebackup.backupPlan.v1 created updated deleted (backupplan)
  google.cloud.gkebackup.backup.v1 created updated deleted (backupplan backup)
  google.cloud.gkebackup.restorePlan.v1 created updated deleted (restoreplan)
  google.cloud.gkebackup.restore.v1 created updated deleted (restoreplan restore)
gkehub | GKE Hub | cloud/gkehub/v1
  google.cloud.gkehub.membership.v1 created deleted updated (membership)
  google.cloud.gkehub.feature.v1 created deleted updated (feature)
  google.cloud.gkehub.scope.v1 created deleted (scope)
  google.cloud.gkehub.membershipBinding.v1 created updated deleted (membership membershipbinding)
memcache | Cloud Memorystore for Memcached | cloud/memcache/v1
  google.cloud.memcache.instance.v1 created updated deleted (instance)
metastore | Dataproc Metastore | cloud/metastore/v1
  google.cloud.metastore.federation.v1 created updated deleted (federation)
  google.cloud.metastore.service.v1 created updated deleted (service)
  google.cloud.metastore.metadataImport.v1 created updated (service metadataimport)
  google.cloud.metastore.backup.v1 created deleted (service backup)
networkconnectivity | Network Connectivity | cloud/networkconnectivity/v1
  google.cloud.networkconnectivity.serviceConnectionMap.v1 created updated deleted (serviceconnectionmap)
  google.cloud.networkconnectivity.serviceConnectionPolicy.v1 created updated deleted (serviceconnectionpolicy)
  google.cloud.networkconnectivity.serviceClass.v1 updated deleted (serviceclass)
  google.cloud.networkconnectivity.serviceConnectionToken.v1 created deleted (serviceconnectiontoken)
  google.cloud.networkconnectivity.hub.v1 created updated deleted (hub)
  google.cloud.networkconnectivity.spoke.v1 created updated deleted (spoke)
networkmanagement | Network Management | cloud/networkmanagement/v1
  google.cloud.networkmanagement.connectivityTest.v1 created updated deleted (test)
networkservices | Network Services | cloud/networkservices/v1
  google.cloud.networkservices.endpointPolicy.v1 created updated deleted (endpointpolicy)
  google.cloud.networkservices.gateway.v1 created updated deleted (gateway)
  google.cloud.networkservices.grpcRoute.v1 created updated deleted (grpcroute)
  google.cloud.networkservices.httpRoute.v1 created updated deleted (httproute)
  google.cloud.networkservices.tcpRoute.v1 created updated deleted (tcproute)
  google.cloud.networkservices.tlsRoute.v1 created updated deleted (tlsroute)
  google.cloud.networkservices.serviceBinding.v1 created deleted (servicebinding)
  google.cloud.networkservices.mesh.v1 created updated deleted (mesh)
notebooks | Notebooks | cloud/notebooks/v1
  google.cloud.notebooks.runtime.v1 created updated deleted (runtime)
  google.cloud.notebooks.instance.v1 created deleted (instance)
  google.cloud.notebooks.environment.v1 created deleted (environment)
  google.cloud.notebooks.schedule.v1 deleted created (schedule)
  google.cloud.notebooks.execution.v1 deleted created (execution)
redis | Google Cloud Memorystore for Redis | cloud/redis/v1
  google.cloud.redis.instance.v1 created updated deleted (instance)
speech | Cloud Speech-to-Text | cloud/speech/v1
  google.cloud.speech.phraseSet.v1 created updated deleted (phraseset)
  google.cloud.speech.customClass.v1 created updated deleted (customclass)
transcoder | Transcoder | cloud/video/transcoder/v1
  google.cloud.video.transcoder.job.v1 created deleted (job)
  google.cloud.video.transcoder.jobTemplate.v1 created deleted (jobtemplate)
visionai | Vision AI | cloud/visionai/v1
  google.cloud.visionai.analysis.v1 created updated deleted (cluster analysis)
  google.cloud.visionai.process.v1 created updated deleted (cluster process)
  google.cloud.visionai.application.v1 created updated deleted (application)
  google.cloud.visionai.draft.v1 created updated deleted (application draft)
  google.cloud.visionai.processor.v1 created updated deleted (processor)
  google.cloud.visionai.cluster.v1 created updated deleted (cluster)
  google.cloud.visionai.stream.v1 created updated deleted (cluster stream)
  google.cloud.visionai.event.v1 created updated deleted (cluster event)
  google.cloud.visionai.series.v1 created updated deleted (cluster series)
vmmigration | VM Migration | cloud/vmmigration/v1
  google.cloud.vmmigration.source.v1 created updated deleted (sourceid)
  google.cloud.vmmigration.utilizationReport.v1 created deleted (sourceid utilizationreport)
  google.cloud.vmmigration.datacenterConnector.v1 created deleted (sourceid datacenterconnector)
  google.cloud.vmmigration.migratingVm.v1 created updated deleted (sourceid migratingvm)
  google.cloud.vmmigration.cloneJob.v1 created (sourceid migratingvm clonejob)
  google.cloud.vmmigration.cutoverJob.v1 created (sourceid migratingvm cutoverjob)
  google.cloud.vmmigration.group.v1 created updated deleted (group)
  google.cloud.vmmigration.targetProject.v1 created updated deleted (targetproject)
workflows | Workflows | cloud/workflows/v1
  google.cloud.workflows.workflow.v1 created deleted updated (workflow)
`;
