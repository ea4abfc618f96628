import { tableOf } from '../table.js';

/**
 * Codes that services and their SDKs send without a status, or with one that says less. One family an entry, one
 * category a line: to teach it one more code, add a word. Codes are compared as they are written; what is not here is
 * judged by its words (`code-words.ts`).
 */
export const VENDOR_CODES = tableOf(
  // Salesforce: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
  {
    RATE_LIMIT: 'REQUEST_LIMIT_EXCEEDED TOO_MANY_CONCURRENT_REQUESTS CONCURRENT_REQUEST_LIMIT_EXCEEDED',
    AUTHENTICATION:
      'INVALID_SESSION_ID INVALID_LOGIN INVALID_AUTH_HEADER INVALID_OPERATION_WITH_EXPIRED_PASSWORD PASSWORD_LOCKOUT ' +
      'LOGIN_MUST_USE_SECURITY_TOKEN API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED INSUFFICIENT_ACCESS ' +
      'INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY ORG_LOCKED USER_INACTIVE ' +
      'FUNCTIONALITY_NOT_ENABLED',
    SERVER:
      'UNABLE_TO_LOCK_ROW SERVER_UNAVAILABLE UNKNOWN_EXCEPTION INTERNAL_ERROR ORG_IN_MAINTENANCE ' +
      'INSTANCE_UNAVAILABLE ASYNC_PROCESSING_UNAVAILABLE',
    TIMEOUT: 'QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG',
    VALIDATION:
      'REQUIRED_FIELD_MISSING FIELD_CUSTOM_VALIDATION_EXCEPTION STRING_TOO_LONG INVALID_FIELD ' +
      'INVALID_FIELD_FOR_INSERT_UPDATE INVALID_EMAIL_ADDRESS INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST NUMBER_OUTSIDE_VALID_RANGE ' +
      'INVALID_CROSS_REFERENCE_KEY FIELD_INTEGRITY_EXCEPTION MALFORMED_ID MALFORMED_QUERY INVALID_TYPE_ON_FIELD_IN_RECORD ' +
      'DUPLICATE_VALUE DUPLICATES_DETECTED INVALID_ID_FIELD INVALID_QUERY_LOCATOR JSON_PARSER_ERROR FILTER_VALIDATION_EXCEPTION',
    CLIENT:
      'ENTITY_IS_DELETED DELETE_FAILED STORAGE_LIMIT_EXCEEDED INVALID_TYPE ENTITY_IS_LOCKED CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY ' +
      'CANNOT_UPDATE_CONVERTED_LEAD METHOD_NOT_ALLOWED',
  },
  // Slack: https://docs.slack.dev/reference/methods
  {
    RATE_LIMIT: 'ratelimited rate_limited message_limit_exceeded slack_webapi_rate_limited_error',
    AUTHENTICATION:
      'invalid_auth not_authed account_inactive token_revoked token_expired no_permission missing_scope ' +
      'not_allowed_token_type org_login_required ekm_access_denied accesslimited restricted_action access_denied ' +
      'team_access_not_granted two_factor_setup_required invalid_arg_token',
    SERVER:
      'fatal_error team_added_to_org service_unavailable internal_error deprecated_endpoint_unavailable',
    TIMEOUT: 'request_timeout',
    VALIDATION:
      'invalid_arguments invalid_arg_name invalid_array_arg invalid_form_data invalid_json invalid_post_type invalid_blocks ' +
      'json_not_object no_text msg_too_long missing_post_type too_many_attachments invalid_charset',
    CLIENT:
      'channel_not_found is_archived not_in_channel user_not_found message_not_found unknown_method method_deprecated ' +
      'already_in_channel name_taken cant_update_message users_not_found file_not_found',
  },
  // OAuth 2.0: RFC 6749 §5.2, RFC 6750, RFC 8628, OpenID Connect
  {
    AUTHENTICATION:
      'invalid_grant invalid_client unauthorized_client invalid_token insufficient_scope expired_token StripeInvalidGrantError StripeAuthenticationError InvalidGrantError InvalidClientError login_required ' +
      'consent_required interaction_required account_selection_required invalid_dpop_proof use_dpop_nonce invalid_client_secret',
    SERVER: 'temporarily_unavailable server_error',
    RATE_LIMIT: 'slow_down authorization_pending',
    CLIENT:
      'invalid_scope unsupported_grant_type unsupported_response_type invalid_target unsupported_token_type',
  },
  // Google: https://developers.google.com/drive/api/guides/handle-errors, google/rpc/error_reason
  {
    RATE_LIMIT:
      'rateLimitExceeded userRateLimitExceeded quotaExceeded dailyLimitExceeded dailyLimitExceededUnreg limitExceeded ' +
      'variableTermLimitExceeded servingLimitExceeded concurrentLimitExceeded sharingRateLimitExceeded uploadRateLimitExceeded ' +
      'RATE_LIMIT_EXCEEDED OVER_QUERY_LIMIT OVER_DAILY_LIMIT RESOURCE_QUOTA_EXCEEDED RESOURCE_EXHAUSTED RESOURCE_TEMPORARILY_EXHAUSTED',
    SERVER: 'backendError internalError backendNotConnected notReady',
    AUTHENTICATION:
      'authError insufficientPermissions insufficientFilePermissions accessNotConfigured forbidden domainPolicy ' +
      'keyExpired keyInvalid ipRefererBlocked appNotAuthorizedToFile ACCESS_TOKEN_EXPIRED ' +
      'ACCESS_TOKEN_SCOPE_INSUFFICIENT API_KEY_INVALID REQUEST_DENIED API_KEY_SERVICE_BLOCKED SERVICE_DISABLED CREDENTIALS_MISSING',
    VALIDATION: 'badRequest invalidParameter invalidQuery invalidArgument FAILED_PRECONDITION_INPUT',
  },
  // Microsoft: Graph, Azure Storage and Service Bus, Dynamics
  {
    RATE_LIMIT:
      'activityLimitReached applicationThrottled tenantThrottled TooManyRequests ErrorTooManyObjectsOpened ' +
      'ApplicationThrottled MailboxConcurrency Request_ThrottledTemporarily SubscriptionRequestsThrottled ' +
      'OperationNotAllowedThrottled ServerBusyError 0x80072322 0x80072321 0x80072326 0x8005F103',
    AUTHENTICATION:
      'InvalidAuthenticationToken Authorization_RequestDenied Authentication_MissingOrMalformed unauthenticated accessDenied ' +
      'ErrorAccessDenied AuthenticationFailed AuthorizationFailed InvalidAuthenticationInfo AuthorizationPermissionMismatch ' +
      'UnauthorizedAccess TokenExpired AuthenticationRequiredError CredentialUnavailableError UnauthorizedError',
    SERVER:
      'serviceNotAvailable ServiceUnavailable generalException ServerBusy InternalError InternalServerError ' +
      'Service_InternalServerError ErrorInternalServerTransientError ErrorServerBusy ServiceBusyError MessagingEntityDisabled ' +
      'ServiceTimeoutError notAvailable DetachForcedError ServiceCommunicationError ServiceCommunicationProblem',
    TIMEOUT: 'OperationTimedOut OperationTimeoutError ErrorTimeoutExpired',
    CLIENT:
      'Request_ResourceNotFound ResourceNotFound itemNotFound ErrorItemNotFound nameAlreadyExists BlobNotFound quotaLimitReached',
    VALIDATION: 'Request_BadRequest invalidRequest',
  },
  // AWS, where the SDK's own shape did not come along
  {
    RATE_LIMIT:
      'Throttling ThrottlingException ThrottlingError OverLimit LimitExceededException RequestThrottled RequestThrottledException SlowDown PriorRequestNotComplete QuotaExceeded',
    AUTHENTICATION:
      'ExpiredToken ExpiredTokenException UnrecognizedClientException InvalidClientTokenId InvalidSignatureException ' +
      'SignatureDoesNotMatch AccessDenied AccessDeniedException InvalidAccessKeyId AuthFailure IncompleteSignature NotAuthorizedException',
    SERVER: 'InternalFailure TransactionInProgressException TransactionConflictException TransactionConflict',
    TIMEOUT: 'RequestTimeoutException RequestTimeout RequestExpired',
    NETWORK: 'NetworkingError UnknownEndpoint',
  },
  // Names of HTTP statuses: tRPC, NestJS, Fastify, GraphQL servers, JSON:API
  {
    VALIDATION: 'UNPROCESSABLE_CONTENT UNPROCESSABLE_ENTITY BAD_REQUEST PARSE_ERROR',
    AUTHENTICATION: 'UNAUTHORIZED FORBIDDEN',
    CLIENT:
      'NOT_FOUND CONFLICT METHOD_NOT_SUPPORTED METHOD_NOT_ALLOWED PRECONDITION_FAILED PRECONDITION_REQUIRED PAYLOAD_TOO_LARGE ' +
      'UNSUPPORTED_MEDIA_TYPE NOT_IMPLEMENTED PAYMENT_REQUIRED GONE',
    TIMEOUT: 'TIMEOUT REQUEST_TIMEOUT',
    RATE_LIMIT: 'TOO_MANY_REQUESTS',
    SERVER: 'INTERNAL_SERVER_ERROR BAD_GATEWAY SERVICE_UNAVAILABLE GATEWAY_TIMEOUT',
  },
  // Plaid: https://plaid.com/docs/errors
  {
    AUTHENTICATION: 'ITEM_LOGIN_REQUIRED INVALID_ACCESS_TOKEN INVALID_API_KEYS ACCESS_NOT_GRANTED',
    SERVER:
      'INSTITUTION_DOWN INSTITUTION_NOT_RESPONDING INSTITUTION_NOT_AVAILABLE PLANNED_MAINTENANCE PRODUCT_NOT_READY',
  },
  // Stripe, OpenAI, Anthropic, Notion, HubSpot, PayPal, Shopify, NetSuite, QuickBooks, Zendesk, Airtable
  {
    RATE_LIMIT:
      'rate_limit rate_limit_error rate_limit_exceeded insufficient_quota RATE_LIMITS RATE_LIMIT RATE_LIMITED RATE_LIMIT_REACHED ' +
      'SSS_REQUEST_LIMIT_EXCEEDED CONCURRENCY_LIMIT_EXCEEDED EXCEEDED_REQUEST_LIMIT EXCEEDED_CONCURRENCY_LIMIT_PER_INTEGRATION ' +
      'WS_CONCUR_SESSION_DISALLWD WS_EXCEEDED_CONCUR_USERS_ALLWD ThrottleExceeded THROTTLED ComplexityException ' +
      'COMPLEXITY_BUDGET_EXHAUSTED Ratelimited ConcurrencyLimitExceeded',
    AUTHENTICATION:
      'authentication_error permission_error authentication_required unauthorized restricted_resource INVALID_AUTHENTICATION ' +
      'EXPIRED_AUTHENTICATION MISSING_SCOPES AUTHENTICATION_FAILURE INVALID_LOGIN_ATTEMPT INVALID_LOGIN_CREDENTIALS ' +
      'AuthenticationFault AuthorizationFault AUTHENTICATION AUTHORIZATION INSUFFICIENT_PERMISSION AUTHENTICATION_REQUIRED SESSION_TIMED_OUT ' +
      'UserAuthenticationException INSUFFICIENT_SCOPES SHOP_INACTIVE USER_ERROR_LOGIN invalid_api_key api_key_expired OAuthException',
    SERVER:
      'api_error overloaded_error lock_timeout internal_server_error conflict_error INTERNAL_SERVICE_ERROR ServiceFault ' +
      'SystemFault SYSTEM_ERROR DOWNSTREAM_SERVICE_ERROR RCRD_HAS_BEEN_CHANGED',
    TIMEOUT: 'timeout_error SSS_TIME_LIMIT_EXCEEDED',
    VALIDATION:
      'invalid_request_error card_error validation_error VALIDATION_ERROR INVALID_REQUEST ValidationFault ' +
      'INVALID_KEY_OR_REF USER_ERROR INVALID_PARAMETER_SYNTAX MISSING_REQUIRED_PARAMETER MAX_COST_EXCEEDED UNPROCESSABLE',
    CLIENT:
      'idempotency_error not_found_error object_not_found OBJECT_NOT_FOUND RESOURCE_NOT_FOUND RCRD_DSNT_EXIST DUP_ENTITY',
  },
  // GraphQL servers: Apollo, GitHub, Hasura, graphql-java, PostGraphile
  {
    VALIDATION:
      'BAD_USER_INPUT GRAPHQL_VALIDATION_FAILED GRAPHQL_PARSE_FAILED ValidationError InvalidSyntax validation-failed ' +
      'constraint-violation parse-failed bad-request data-exception',
    AUTHENTICATION:
      'UNAUTHENTICATED ACCESS_DENIED access-denied invalid-jwt invalid-headers permission-error jwt-invalid-claims',
    CLIENT:
      'PERSISTED_QUERY_NOT_FOUND PERSISTED_QUERY_NOT_SUPPORTED OPERATION_RESOLUTION_FAILURE not-found already-exists',
    SERVER:
      'DataFetchingException unexpected postgres-error remote-schema-error UNAVAILABLE ABORTED DATA_LOSS',
    NETWORK: 'connection-error',
    TIMEOUT: 'DEADLINE_EXCEEDED timeout',
    RATE_LIMIT:
      'RATELIMITED ratelimited tooMany COST_LIMIT_EXCEEDED ENHANCE_YOUR_CALM MAX_COMPLEXITY_EXCEEDED',
  },
  // PostgREST and Supabase: https://docs.postgrest.org/en/stable/references/errors.html
  {
    SERVER: 'PGRST001 PGRST002 PGRST300',
    NETWORK: 'PGRST000',
    TIMEOUT: 'PGRST003',
    AUTHENTICATION: 'PGRST301 PGRST302 PGRST303',
    VALIDATION: 'PGRST100 PGRST102 PGRST103 PGRST108 PGRST114 PGRST115 PGRST118 PGRST122',
    CLIENT:
      'PGRST101 PGRST105 PGRST106 PGRST107 PGRST116 PGRST117 PGRST120 PGRST200 PGRST201 PGRST202 PGRST203 PGRST204 PGRST205',
  },
  // ioredis, node-redis, etcd3 (its own spelling), ClickHouse, MinIO, Firebase, ImapFlow
  {
    NETWORK:
      'ClusterAllFailedError ClientClosedError ClientOfflineError DisconnectsClientError SocketClosedUnexpectedlyError ' +
      'RootNodesUnavailableError',
    RATE_LIMIT: 'GRPCResourceExhastedError ETHROTTLE',
    AUTHENTICATION:
      'EtcdInvalidAuthTokenError EtcdPermissionDeniedError RequestTimeTooSkewed messaging/mismatched-credential',
    SERVER: 'EtcdLockFailedError STMConflictError EtcdWatchStreamEnded',
    VALIDATION: 'TYPE_MISMATCH CANNOT_PARSE_TEXT CANNOT_PARSE_DATETIME CANNOT_PARSE_INPUT_ASSERTION_FAILED',
    CLIENT:
      'EtcdLeaseInvalidError EtcdRoleExistsError EtcdRoleNotFoundError EtcdRoleNotGrantedError EtcdUserExistsError EtcdUserNotFoundError ' +
      'SYNTAX_ERROR UNKNOWN_TABLE UNKNOWN_IDENTIFIER UNKNOWN_DATABASE messaging/registration-token-not-registered',
  },
  // ClickHouse, Firebase, opossum
  {
    SERVER: 'MEMORY_LIMIT_EXCEEDED TOO_MANY_PARTS ALL_CONNECTION_TRIES_FAILED KEEPER_EXCEPTION EOPENBREAKER',
    TIMEOUT: 'storage/retry-limit-exceeded',
    NETWORK: 'NoConnection',
  },
  // Kafka, NATS, Elasticsearch, DynamoDB-like stores
  {
    SERVER:
      'LEADER_NOT_AVAILABLE NOT_LEADER_FOR_PARTITION NOT_ENOUGH_REPLICAS NOT_ENOUGH_REPLICAS_AFTER_APPEND COORDINATOR_NOT_AVAILABLE ' +
      'NOT_COORDINATOR COORDINATOR_LOAD_IN_PROGRESS GROUP_COORDINATOR_NOT_AVAILABLE NOT_COORDINATOR_FOR_GROUP BROKER_NOT_AVAILABLE ' +
      'REPLICA_NOT_AVAILABLE KAFKA_STORAGE_ERROR REBALANCE_IN_PROGRESS UNKNOWN_LEADER_EPOCH FENCED_LEADER_EPOCH ' +
      'unavailable_shards_exception circuit_breaking_exception cluster_block_exception',
    TIMEOUT: 'REQUEST_TIMED_OUT',
    NETWORK: 'NETWORK_EXCEPTION NoRespondersError NoResponders CONNECTION_REFUSED',
    AUTHENTICATION:
      'TOPIC_AUTHORIZATION_FAILED GROUP_AUTHORIZATION_FAILED CLUSTER_AUTHORIZATION_FAILED SASL_AUTHENTICATION_FAILED ' +
      'ILLEGAL_SASL_STATE security_exception AUTHORIZATION_VIOLATION PERMISSIONS_VIOLATION',
    RATE_LIMIT: 'THROTTLING_QUOTA_EXCEEDED es_rejected_execution_exception',
    VALIDATION:
      'MESSAGE_TOO_LARGE RECORD_LIST_TOO_LARGE INVALID_RECORD mapper_parsing_exception document_parsing_exception parsing_exception strict_dynamic_mapping_exception',
    CLIENT:
      'UNKNOWN_TOPIC_OR_PARTITION INVALID_TOPIC_EXCEPTION index_not_found_exception version_conflict_engine_exception resource_already_exists_exception',
  },
);

/** Meta's Graph API, by number, beside `fbtrace_id`. https://developers.facebook.com/docs/graph-api/guides/error-handling */
export const META_CODES = tableOf({
  RATE_LIMIT:
    '4 17 32 341 368 613 80000 80001 80002 80003 80004 80005 80006 80008 80009 80014 130429 131048 131056',
  AUTHENTICATION: '3 10 102 190 200 210 220 230 240 250 270 275 290 294 299 458 459 460 463 464 467',
  SERVER: '1 2 131000 131016',
  VALIDATION: '100 2500 131008 131009',
  CLIENT: '506 803 1609005',
});
